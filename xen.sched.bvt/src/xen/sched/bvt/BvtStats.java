package xen.sched.bvt;

import java.util.Map;

/** What the scheduler did since it was made; written under the pool's lock, read by any thread. */
public final class BvtStats {
    volatile long picks, idles, preemptions, parked;

    /** {@code preemptions}: wake-ups that made a pCPU look because who ran there was too far ahead. */
    public Map<String, Long> figures() { return Map.of("picks", picks, "idles", idles, "preemptions", preemptions, "parked", parked); }
}
