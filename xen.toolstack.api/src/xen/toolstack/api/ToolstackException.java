package xen.toolstack.api;

import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/**
 * The user's input or surroundings are at fault (a bad kernel image, no network, too little memory). The message stands alone: it names
 * the input, the cause and the next step, and is printed without a stack trace.
 */
public final class ToolstackException extends CommandFailure {
    private static final long serialVersionUID = 1L;

    /** Bad input: exit status 2. */
    public ToolstackException(String message) { super(CliCommand.USAGE, message); }

    public ToolstackException(String message, Throwable cause) { this(CliCommand.USAGE, message, cause); }

    private ToolstackException(int status, String message, Throwable cause) {
        super(status, message);
        initCause(cause);
    }

    /** The surroundings failed (no apt, no network, no free memory): exit status 1. */
    public static ToolstackException surroundings(String message, Throwable cause) {
        return new ToolstackException(CliCommand.FAILED, message, cause);
    }
}
