package xen.disk.cello;

import java.util.Arrays;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.ServiceClass;

/**
 * Level 2 of Cello for those who wait for an answer: the queue that the disk is fed from, head first. Real-time requests are in it by
 * deadline ({@link DiskRequest#key}), interactive ones as near the head as their slack allows. Throughput requests never come here: they
 * are at its end by definition, and are chosen when it is empty.
 */
final class Scheduled {
    /** An interactive request is overtaken by neighbours of the head that often. */
    private static final int OVERTAKEN = 8;

    private DiskRequest[] items = new DiskRequest[64];
    private int size, interactive;
    /** How much longer than estimated two requests in a row may take: where the disk is when their turn comes is not known. */
    long margin;

    int size() { return size; }

    /** Interactive requests in it. */
    int interactive() { return interactive; }

    void clear() {
        Arrays.fill(items, null);
        size = interactive = 0;
        margin = 0;
    }

    DiskRequest get(int i) { return items[i]; }

    /**
     * True when every real-time request that can be in time is so when the disk turns to them, in their order, at {@code from}: the first
     * way is not known and may be of the longest, or a little more.
     */
    boolean canWait(long from, long longest) {
        long finish = from + longest + longest / 16;
        for (int i = 0; i < size; i++) {
            DiskRequest o = items[i];
            if (realTime(o)) {
                if (finish > o.key && o.key > from) {
                    return false;
                }
                finish += o.estimate;
            }
        }
        return true;
    }

    DiskRequest peek() { return size == 0 ? null : items[0]; }

    /** The head; of several interactive requests at the head the nearest to where the disk is. Or the first real-time one, if it cannot wait for that. */
    DiskRequest poll(DiskHost host, long now, long longest) {
        if (size == 0) {
            return null;
        }
        int best = 0;
        if (size > 1 && !realTime(items[0]) && !realTime(items[1])) {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < size && !realTime(items[i]); i++) {
                long takes = host.estimate(items[i]);
                if (takes < least) {
                    least = takes;
                    best = i;
                }
                if (items[i].finish >= OVERTAKEN) {
                    best = i;
                    break;
                }
            }
            for (int i = 0; i < best; i++) {
                items[i].finish++;
            }
        }
        if (!realTime(items[best]) && size > interactive && !canWait(now + host.estimate(items[best]), longest)) {
            for (best = 0; !realTime(items[best]);) {
                best++;
            }
        }
        DiskRequest r = items[best];
        System.arraycopy(items, best + 1, items, best, --size - best);
        items[size] = null;
        interactive -= realTime(r) ? 0 : 1;
        return r;
    }

    /** Inserts by class; no real-time request's projected finish passes its deadline because of an interactive one. */
    void insert(DiskRequest r, long now) {
        boolean realTime = realTime(r);
        int at = realTime ? byDeadline(r) : asEarlyAsSlackAllows(r, now);
        if (size == items.length) {
            items = Arrays.copyOf(items, 2 * size);
        }
        System.arraycopy(items, at, items, at + 1, size++ - at);
        items[at] = r;
        r.finish = 0;
        interactive += realTime ? 0 : 1;
    }

    /** Decided when it came: classes may change while it waits. */
    static boolean realTime(DiskRequest r) { return r.place == ServiceClass.REALTIME; }

    /** Before the first with a later deadline; equal deadlines in the disk's order. */
    private int byDeadline(DiskRequest r) {
        for (int i = 0; i < size; i++) {
            DiskRequest o = items[i];
            if (!realTime(o) || o.key > r.key || o.key == r.key && o.lba > r.lba) {
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
            boolean late = realTime(o) && finish <= o.key && finish + r.estimate + margin > o.key;
            if (late || !realTime(o)) {
                at = i + 1;
            }
        }
        return at;
    }
}
