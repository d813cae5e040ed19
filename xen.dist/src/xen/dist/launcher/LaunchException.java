package xen.dist.launcher;

/** The distribution cannot be started; the message is for the user. */
final class LaunchException extends Exception {
	private static final long serialVersionUID = 1L;

	LaunchException(String message) {
		super(message);
	}
}
