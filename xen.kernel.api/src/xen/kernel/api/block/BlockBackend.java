package xen.kernel.api.block;

/**
 * A running instance of a block driver. Calls come one at a time, on the instance's own thread, and should not block: in virtual time the
 * machine waits for them. An exception, a call that does not come back, a request that nothing happens to, and wrong use of
 * {@link BlockDomain} end the instance; another one takes over with the same devices, rings and requests.
 */
public interface BlockBackend {
    /** A front end is connected; requests follow. After a restart: those that were not done come again. */
    void attach(Vbd vbd);

    /** A request was taken from a ring, and is in the journal. */
    void request(BlockRequest r);

    /** The disk is done with it. */
    void completed(BlockRequest r);

    /** The front end is gone; no request of it is under way. */
    void detach(Vbd vbd);

    /** Called now and then while requests are under way: false or an exception asks for a restart. */
    default boolean alive() { return true; }

    /** The end, after the last call; the capability is void already, and nothing needs to be given back. */
    default void stop() {}
}
