package xen.disk.shared;

import java.util.Arrays;
import xen.kernel.api.block.DiskRequest;

/** Requests by {@link DiskRequest#key}, smallest first; equal keys in the order they came. Allocates only to grow. */
public final class RequestHeap {
    private DiskRequest[] items = new DiskRequest[64];
    private long[] order = new long[64];
    private long count;
    private int size;

    public int size() { return size; }

    public DiskRequest peek() { return size == 0 ? null : items[0]; }

    public void clear() {
        Arrays.fill(items, null);
        size = 0;
    }

    public void add(DiskRequest r) {
        if (size == items.length) {
            items = Arrays.copyOf(items, 2 * size);
            order = Arrays.copyOf(order, 2 * size);
        }
        int i = size++;
        long o = count++;
        for (int p; i > 0 && less(r, o, p = (i - 1) / 2); i = p) {
            items[i] = items[p];
            order[i] = order[p];
        }
        items[i] = r;
        order[i] = o;
    }

    private boolean less(DiskRequest r, long o, int i) { return r.key != items[i].key ? r.key < items[i].key : o < order[i]; }

    public DiskRequest poll() {
        if (size == 0) {
            return null;
        }
        DiskRequest first = items[0];
        DiskRequest last = items[--size];
        long o = order[size];
        items[size] = null;
        if (size > 0) {
            int i = 0;
            for (int c; (c = 2 * i + 1) < size; i = c) {
                if (c + 1 < size && !less(items[c], order[c], c + 1)) {
                    c++;
                }
                if (less(last, o, c)) {
                    break;
                }
                items[i] = items[c];
                order[i] = order[c];
            }
            items[i] = last;
            order[i] = o;
        }
        return first;
    }
}
