package xen.sched.gang;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import xen.kernel.api.hw.Topology;

/**
 * The row of the matrix that is on: which vCPU each pCPU (column) has in this time slot. Rows are made when they are needed: gangs are
 * laid down in the order in which they are due, each into columns of its own, until no column is free.
 */
final class Row {
    private final Entry[] columns;
    private final int[] pcpus;
    private final BitSet empty = new BitSet();
    private final int threads;
    private int free;
    /** No core below this pCPU is whole any more. */
    private int wholeFrom;

    Row(Topology t, int[] pcpus) {
        columns = new Entry[t.pcpus()];
        threads = t.threads();
        this.pcpus = pcpus;
        clear();
    }

    Entry at(int pcpu) { return columns[pcpu]; }

    int free() { return free; }

    /** Number of columns. */
    int width() { return pcpus.length; }

    void clear() {
        for (Entry e : columns) {
            if (e != null) {
                e.column = -1;
            }
        }
        Arrays.fill(columns, null);
        for (int p : pcpus) {
            empty.set(p);
        }
        free = pcpus.length;
        wholeFrom = 0;
    }

    /** Takes one vCPU out, because it may not have its column any more. */
    void remove(Entry e) {
        if (e.column >= 0) {
            columns[e.column] = null;
            empty.set(e.column);
            wholeFrom = 0;
            e.column = -1;
            free++;
        }
    }

    /** Lays down all of {@code members}, or none. */
    boolean place(List<Entry> members) {
        if (members.size() > free) {
            return false;
        }
        // who runs stays where it is: nobody waits for a column that is not left yet
        for (Entry e : members) {
            if (e.pcpu >= 0 && wholeCore(e.pcpu)) {
                put(e, e.pcpu);
            }
        }
        for (Entry e : members) {
            if (e.column < 0 && !place(e)) {
                members.forEach(this::remove);
                return false;
            }
        }
        return true;
    }

    boolean place(Entry e) {
        if (e.pcpu >= 0 && wholeCore(e.pcpu) && put(e, e.pcpu)) {
            return true;
        }
        int last = e.vcpu.lastPcpu();
        boolean known = last >= 0 && last < columns.length;
        if (known && wholeCore(last) && put(e, last) || anywhere(e, true) || known && put(e, last)) {
            return true;
        }
        return anywhere(e, false);
    }

    private boolean wholeCore(int p) {
        int core = p - p % threads;
        return empty.nextClearBit(core) >= core + threads;
    }

    /** First empty column that it may use. @param whole only where the other threads of the core have no column yet */
    private boolean anywhere(Entry e, boolean whole) {
        boolean skipped = false;
        for (int p = empty.nextSetBit(whole ? wholeFrom : 0); p >= 0; p = empty.nextSetBit(p + 1)) {
            if (whole && !wholeCore(p)) {
                continue;
            }
            if (put(e, p)) {
                wholeFrom = whole && !skipped ? p : wholeFrom;
                return true;
            }
            skipped = true;
        }
        wholeFrom = whole && !skipped ? columns.length : wholeFrom;
        return false;
    }

    private boolean put(Entry e, int p) {
        if (columns[p] != null || !e.vcpu.mayRunOn(p)) {
            return false;
        }
        columns[p] = e;
        empty.clear(p);
        e.column = p;
        free--;
        return true;
    }
}
