package xen.disk.shared;

import xen.kernel.api.block.DiskRequest;

/**
 * C-LOOK: upwards from where the last request was, then again from the lowest. A sweep takes in a limited number of newcomers, so that a
 * stream just ahead of the head does not hold it for ever. Uses {@link DiskRequest#key}.
 */
public final class Elevator {
    private RequestHeap ahead = new RequestHeap(), behind = new RequestHeap();
    private static final int NEWCOMERS = 128;
    private final int newcomers;
    private long position;
    private int joined;

    public Elevator() { this(NEWCOMERS); }

    /** @param newcomers most that join a sweep under way */
    public Elevator(int newcomers) { this.newcomers = newcomers; }

    public int size() { return ahead.size() + behind.size(); }

    public void add(DiskRequest r) {
        r.key = r.lba;
        boolean joins = r.lba >= position && joined < newcomers;
        joined += joins ? 1 : 0;
        (joins ? ahead : behind).add(r);
    }

    /** What {@link #poll} would give, or null. */
    public DiskRequest peek() {
        DiskRequest r = ahead.peek();
        return r != null ? r : behind.peek();
    }

    public DiskRequest poll() {
        if (ahead.size() == 0) {
            RequestHeap h = ahead;
            ahead = behind;
            behind = h;
            joined = 0;
        }
        DiskRequest r = ahead.poll();
        if (r != null) {
            position = r.lba;
        }
        return r;
    }

    public void clear() {
        ahead.clear();
        behind.clear();
        position = 0;
        joined = 0;
    }
}
