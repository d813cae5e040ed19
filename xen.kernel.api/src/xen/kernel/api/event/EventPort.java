package xen.kernel.api.event;

/** Domain 0's end of an interdomain event channel. Calls are safe on any thread. */
public interface EventPort extends AutoCloseable {
    /** Local port number (domain 0's own table). */
    int port();

    /** Raises the event in the peer; no effect when the peer is gone. */
    void send();

    @Override void close();
}
