package xen.kernel.api.block;

/**
 * What a front end says of one of its rings.
 *
 * @param refs grants of the ring's pages, in order; a power of two of them
 * @param port its unbound event channel
 */
public record RingConfig(int[] refs, int port) {
    public static final int MAX_ORDER = 4;
}
