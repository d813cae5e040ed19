package xen.kernel.api.control;

/** A privileged call was refused; {@link #errno} is Xen's number, the message names the input, the cause and the next step. */
public final class HypervisorException extends RuntimeException {
    private final int errno;

    public HypervisorException(int errno, String message) {
        super(message);
        this.errno = errno;
    }

    public int errno() { return errno; }
}
