package xen.shell.commands;

import xen.kernel.api.cli.CommandFailure;

/** A failure as the shell's user sees it: Gogo's interactive shell prints an exception's {@code toString}, and a class name helps nobody. */
final class Refusal extends CommandFailure {
	private static final long serialVersionUID = 1L;

	Refusal(int status, String message, Throwable cause) {
		super(status, message);
		initCause(cause);
	}

	@Override
	public String toString() {
		return "xen: " + getMessage();
	}
}
