package xen.toolstack.store;

import java.util.List;

/**
 * A domain's connection to the store, between two bytes.
 *
 * @param told the number that the guest knows itself by
 * @param in what has come of a request
 * @param out answers and events that the ring had no room for yet
 * @param broken the guest wrote nonsense before
 * @param transactions numbers of those that are open: they fail with EAGAIN when they end, and the guest does them again
 */
public record SavedConnection(int told, byte[] in, List<byte[]> out, boolean broken, List<SavedWatch> watches, List<Integer> transactions) {
    public record SavedWatch(String path, String token, String hidden) {}
}
