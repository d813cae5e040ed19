package xen.kernel.sched;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import xen.kernel.api.hw.Topology;

/** How often vCPUs went on on another pCPU than before, by distance; thread-safe. */
public final class Migrations {
    private static final String[] NAMES = {"same", "sibling", "socket", "remote"};
    private final AtomicLongArray counts = new AtomicLongArray(NAMES.length);

    void count(Topology t, int from, int to) {
        if (from >= 0) {
            counts.incrementAndGet(t.distance(from, to));
        }
    }

    public void addTo(Map<String, Long> figures) {
        for (int i = 1; i < NAMES.length; i++) {
            figures.put("core.migrations." + NAMES[i], counts.get(i));
        }
    }
}
