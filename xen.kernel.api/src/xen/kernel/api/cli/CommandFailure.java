package xen.kernel.api.cli;

/** A command failed with a status of its own; the message says why and what to do next. For subcommands and shell commands alike. */
public class CommandFailure extends RuntimeException {
	private static final long serialVersionUID = 1L;

	private final int status;

	/** @param status what the process exits with when this command was the last one */
	public CommandFailure(int status, String message) {
		super(message);
		this.status = status;
	}

	public int status() {
		return status;
	}
}
