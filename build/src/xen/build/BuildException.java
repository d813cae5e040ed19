package xen.build;

/** A build that cannot go on; the message is for the user and says what to do. */
final class BuildException extends RuntimeException {
	private static final long serialVersionUID = 1L;

	BuildException(String message) {
		super(message);
	}
}
