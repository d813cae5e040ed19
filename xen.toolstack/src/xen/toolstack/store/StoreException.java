package xen.toolstack.store;

/** A request that xenstore refuses; {@link #code} is the error string of the wire protocol (public/io/xs_wire.h). */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String code;

    public StoreException(String code) { this(code, code); }

    public StoreException(String code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    public String code() { return code; }
}
