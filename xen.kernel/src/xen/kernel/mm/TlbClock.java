package xen.kernel.mm;

/**
 * Logical time of TLB flushes, so that a frame that changes its use flushes only CPUs that may still hold it: a frame is stamped when
 * the last use of its old kind ends, a CPU when it was flushed; a CPU flushed after the stamp cannot hold the old translation.
 * Stamps are plain counters: 2^31 flushes wrap never in practice, and {@link #tick} says so.
 */
final class TlbClock {
    /** Stamp of a frame that no TLB can hold. */
    static final int NEVER = -1;

    private int now;
    private int[] pcpu = new int[8];

    int now() { return now; }

    private int tick() {
        assert now != Integer.MAX_VALUE : "2^31 TLB flushes";
        return ++now;
    }

    /** That pCPU has just dropped everything. */
    void flushed(int p) {
        if (p >= pcpu.length) {
            pcpu = java.util.Arrays.copyOf(pcpu, Math.max(p + 1, pcpu.length * 2));
        }
        pcpu[p] = tick();
    }

    /** True when that pCPU was not flushed since {@code stamp}. */
    boolean stale(int p, int stamp) { return (p < pcpu.length ? pcpu[p] : 0) <= stamp; }
}
