package xen.bench.lab;

import xen.kernel.api.block.ServiceClass;

/**
 * A round of work of real guests on one disk.
 *
 * @param hostileClass what the hostile guest's disk is said to be
 * @param working which of the guests work
 */
record DiskRound(String disk, String scheduler, ServiceClass hostileClass, boolean[] working) {
    /** What a guest got. Times in nanoseconds, from its own clock. */
    record Got(long requests, long bytes, long p50, long p99) {}

    /** One guest only. */
    static DiskRound alone(String disk, String scheduler, int guest) {
        boolean[] working = new boolean[LinuxDisks.GUESTS];
        working[guest] = true;
        return new DiskRound(disk, scheduler, ServiceClass.THROUGHPUT, working);
    }

    boolean all() {
        for (boolean w : working) {
            if (!w) {
                return false;
            }
        }
        return true;
    }

    @Override public String toString() {
        StringBuilder s = new StringBuilder(disk + " " + scheduler);
        for (int i = 0; i < working.length; i++) {
            s.append(working[i] ? " " + LinuxDisks.KINDS.get(i) : "");
        }
        return s.toString();
    }
}
