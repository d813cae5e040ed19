package xen.sched.gang;

import java.util.List;
import java.util.Arrays;

/**
 * The row of the matrix that is on: which vCPU each pCPU (column) has in this time slot. Rows are made when they are needed: gangs are
 * laid down in the order in which they are due, each into columns of its own, until no column is free.
 */
final class Row {
    private final Entry[] columns;
    private final int[] pcpus;
    private int free;

    Row(int all, int[] pcpus) {
        columns = new Entry[all];
        this.pcpus = pcpus;
        free = pcpus.length;
    }

    Entry at(int pcpu) { return columns[pcpu]; }

    int free() { return free; }

    void clear() {
        for (Entry e : columns) {
            if (e != null) {
                e.column = -1;
            }
        }
        Arrays.fill(columns, null);
        free = pcpus.length;
    }

    /** Takes one vCPU out, because it may not have its column any more. */
    void remove(Entry e) {
        if (e.column >= 0) {
            columns[e.column] = null;
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
            if (e.pcpu >= 0) {
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
        if (e.pcpu >= 0 && put(e, e.pcpu)) {
            return true;
        }
        int last = e.vcpu.lastPcpu();
        if (last >= 0 && last < columns.length && put(e, last)) {
            return true;
        }
        for (int p : pcpus) {
            if (put(e, p)) {
                return true;
            }
        }
        return false;
    }

    private boolean put(Entry e, int p) {
        if (columns[p] != null || !e.vcpu.mayRunOn(p)) {
            return false;
        }
        columns[p] = e;
        e.column = p;
        free--;
        return true;
    }
}
