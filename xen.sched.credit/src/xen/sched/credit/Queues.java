package xen.sched.credit;

import java.util.BitSet;
import java.util.Iterator;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import xen.sched.shared.Fifo;

/**
 * Who waits. Each pCPU has a line of the boosted and one of those within their credits; those over their credits wait in one set for
 * all, in the order in which they will be within them again, so that who is, is seen without a look at the others.
 */
final class Queues {
    private final Fifo<Entry>[][] lines;
    /** pCPUs with somebody in the line, by priority. */
    private final BitSet[] loaded = {new BitSet(), new BitSet()};
    private final TreeSet<Entry> over = new TreeSet<>(Entry::byRipeness);

    @SuppressWarnings("unchecked")
    Queues(int pcpus, int[] used) {
        lines = new Fifo[pcpus][];
        for (int p : used) {
            lines[p] = new Fifo[] {new Fifo<Entry>(), new Fifo<Entry>()};
        }
    }

    void add(Entry e, int pcpu) {
        e.queue = pcpu;
        if (e.priority == Entry.OVER) {
            over.add(e);
        } else {
            lines[pcpu][e.priority].add(e);
            loaded[e.priority].set(pcpu);
        }
    }

    void remove(Entry e) {
        if (e.priority == Entry.OVER) {
            over.remove(e);
        } else {
            Fifo<Entry> l = lines[e.queue][e.priority];
            l.remove(e);
            loaded[e.priority].set(e.queue, l.size() > 0);
        }
        e.queue = -1;
    }

    /** Those of the two lines of {@code pcpu}. */
    int waiting(int pcpu) { return lines[pcpu][Entry.BOOST].size() + lines[pcpu][Entry.UNDER].size(); }

    /** True when anybody waits. */
    boolean any() { return !over.isEmpty() || !loaded[Entry.BOOST].isEmpty() || !loaded[Entry.UNDER].isEmpty(); }

    /** The first of a line of {@code from} that may run on {@code pcpu}, or null. */
    Entry first(int from, int pcpu, int priority) {
        Fifo<Entry> l = lines[from][priority];
        Entry e = l.first();
        while (e != null && !e.vcpu.mayRunOn(pcpu)) {
            e = l.next(e);
        }
        return e;
    }

    /** The first of those over their credits, if it is within them at {@code handedOut}, or null. */
    Entry over(int pcpu, long handedOut) {
        for (Iterator<Entry> i = over.iterator(); i.hasNext();) {
            Entry e = i.next();
            if (e.ripe > handedOut) {
                return null;
            }
            if (e.vcpu.mayRunOn(pcpu)) {
                return e;
            }
        }
        return null;
    }

    /** Somebody from another pCPU's line, searched upwards from {@code pcpu}; like the original without regard to who shares a cache. */
    Entry steal(int pcpu, int priority, IntPredicate keeps) {
        BitSet b = loaded[priority];
        for (int p = b.nextSetBit(pcpu + 1); p >= 0; p = b.nextSetBit(p + 1)) {
            Entry e = keeps.test(p) ? null : first(p, pcpu, priority);
            if (e != null) {
                return e;
            }
        }
        for (int p = b.nextSetBit(0); p >= 0 && p < pcpu; p = b.nextSetBit(p + 1)) {
            Entry e = keeps.test(p) ? null : first(p, pcpu, priority);
            if (e != null) {
                return e;
            }
        }
        return null;
    }
}
