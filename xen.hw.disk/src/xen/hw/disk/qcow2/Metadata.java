package xen.hw.disk.qcow2;

import java.util.HashSet;
import java.util.Set;

/** Clusters of the file that hold header and tables: data is never written there, whatever a damaged table says. */
final class Metadata {
    private final int clusterBits;
    private final Set<Long> clusters = new HashSet<>();

    Metadata(int clusterBits) {
        this.clusterBits = clusterBits;
        clusters.add(0L);
    }

    void add(long offset, long bytes) {
        for (long c = offset >> clusterBits; c <= offset + bytes - 1 >> clusterBits; c++) {
            clusters.add(c);
        }
    }

    void remove(long offset, long bytes) {
        for (long c = offset >> clusterBits; c <= offset + bytes - 1 >> clusterBits; c++) {
            clusters.remove(c);
        }
    }

    boolean holds(long offset) { return clusters.contains(offset >> clusterBits); }
}
