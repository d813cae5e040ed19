package xen.disk.cello;

import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.ServiceClass;

/**
 * The queue that the disk is fed from, head first; level 2 of Cello decides where a request goes in. Short: level 1 moves requests only
 * when they are needed.
 */
final class Scheduled {
    private static final int OVERTAKEN = 64;

    private DiskRequest[] items = new DiskRequest[64];
    private int size;
    /** Sum of the estimates in it. */
    private long work;

    int size() { return size; }

    long work() { return work; }

    void clear() {
        java.util.Arrays.fill(items, null);
        size = 0;
        work = 0;
    }

    DiskRequest get(int i) { return items[i]; }

    DiskRequest peek() { return size == 0 ? null : items[0]; }

    DiskRequest poll() {
        if (size == 0) {
            return null;
        }
        DiskRequest r = items[0];
        System.arraycopy(items, 1, items, 0, --size);
        items[size] = null;
        work -= r.estimate;
        return r;
    }

    /** Inserts by class; no real-time request's projected finish passes its deadline because of it. */
    void insert(DiskRequest r, long now) {
        int at = switch (r.client.serviceClass()) {
            case REALTIME -> byDeadline(r);
            case INTERACTIVE -> asEarlyAsSlackAllows(r, now);
            case THROUGHPUT -> inSweep(r);
        };
        if (size == items.length) {
            items = java.util.Arrays.copyOf(items, 2 * size);
        }
        System.arraycopy(items, at, items, at + 1, size++ - at);
        items[at] = r;
        work += r.estimate;
    }

    private static boolean realTime(DiskRequest r) { return r.client.serviceClass() == ServiceClass.REALTIME; }

    /** Before the first with a later deadline; equal deadlines in the disk's order. */
    private int byDeadline(DiskRequest r) {
        for (int i = 0; i < size; i++) {
            DiskRequest o = items[i];
            if (!realTime(o) || o.deadline > r.deadline || o.deadline == r.deadline && o.lba > r.lba) {
                return i;
            }
        }
        return size;
    }

    /** Behind the interactive requests that are there, and behind each real-time request that would come too late. */
    private int asEarlyAsSlackAllows(DiskRequest r, long now) {
        int at = 0;
        long finish = now;
        for (int i = 0; i < size; i++) {
            DiskRequest o = items[i];
            finish += o.estimate;
            boolean late = realTime(o) && finish <= o.deadline && finish + r.estimate > o.deadline;
            if (late || o.client.serviceClass() == ServiceClass.INTERACTIVE) {
                at = i + 1;
            }
        }
        return at;
    }

    /** At the end, in the order of the sweep that is under way there; who was overtaken often enough is not overtaken again. */
    private int inSweep(DiskRequest r) {
        int first = size;
        while (first > 0 && items[first - 1].client.serviceClass() == ServiceClass.THROUGHPUT && items[first - 1].finish < OVERTAKEN) {
            first--;
        }
        r.finish = 0;
        // C-LOOK among them: a sweep begins anew where places fall
        for (int i = first + 1; i < size; i++) {
            if (items[i - 1].lba <= r.lba && r.lba < items[i].lba) {
                for (int k = i; k < size; k++) {
                    items[k].finish++;
                }
                return i;
            }
        }
        return size;
    }
}
