package xen.sched.gang;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import xen.kernel.api.domain.Vcpu;

/**
 * Who belongs to which gang, and which gang is due. A gang that is in the present row is in no order until the row ends, so its members'
 * runs cost nothing here; off the row, a gang with a member that waits is in {@link #due}, one whose ready members all run (as
 * alternates) is set aside.
 */
final class Gangs {
    private boolean wholeDomains;
    private final Map<Vcpu, Entry> entries = new IdentityHashMap<>();
    private final Map<Object, Gang> gangs = new HashMap<>();
    /** Gangs off the row with a member that waits, the one with least time first. */
    private final TreeSet<Gang> due = new TreeSet<>();
    private final Set<Gang> busy = new LinkedHashSet<>();
    /** Gangs in the row. */
    private final List<Gang> row = new ArrayList<>();
    private int numbers;
    /** The least time of a gang that waited when the row was made: who comes new or slept has no less. */
    private long least;

    /** Whether a domain with several vCPUs is a gang; who is in another gang then changes it when he comes next. */
    void wholeDomains(boolean on) { wholeDomains = on; }

    /** What is known of {@code v}, or null. */
    Entry known(Vcpu v) { return entries.get(v); }

    /** What is known of {@code v}, in the gang it belongs to now. */
    Entry entry(Vcpu v) {
        Entry e = entries.get(v);
        if (e == null) {
            e = new Entry(v, numbers++);
            entries.put(v, e);
        }
        Object key = key(v);
        if (e.gang == null || !e.gang.key.equals(key)) {
            leave(e);
            int number = e.number;
            Gang g = gangs.computeIfAbsent(key, k -> new Gang(k, number));
            take(g);
            if (g.members.isEmpty()) {
                g.time = Math.max(g.time, least);
            }
            g.members.add(e);
            e.gang = g;
            count(e, 1);
            sort(g);
        }
        return e;
    }

    private Object key(Vcpu v) {
        if (v.gang() > 0) {
            return v.gang();
        }
        return wholeDomains && v.domain() != null && v.domain().vcpus().size() > 1 ? v.domain() : v;
    }

    private void leave(Entry e) {
        Gang g = e.gang;
        if (g != null) {
            take(g);
            count(e, -1);
            g.members.remove(e);
            e.gang = null;
            sort(g);
            if (g.members.isEmpty()) {
                gangs.remove(g.key);
            }
        }
    }

    private static void count(Entry e, int by) {
        e.gang.ready += e.ready ? by : 0;
        e.gang.queued += e.queued ? by : 0;
    }

    /** Changes whether it could run and whether it waits. */
    void state(Entry e, boolean ready, boolean queued) {
        Gang g = e.gang;
        take(g);
        count(e, -1);
        e.ready = ready;
        e.queued = queued;
        count(e, 1);
        sort(g);
    }

    /** Its members had time. */
    void charge(Gang g, long time) {
        take(g);
        g.time += time;
        sort(g);
    }

    /** Nobody of it could run until now: it saved nothing up. */
    void begin(Gang g) {
        take(g);
        g.time = Math.max(g.time, least);
        sort(g);
    }

    private void take(Gang g) {
        if (g.place == Gang.Place.DUE) {
            due.remove(g);
        } else if (g.place == Gang.Place.BUSY) {
            busy.remove(g);
        }
        if (g.place != Gang.Place.ROW) {
            g.place = Gang.Place.NOWHERE;
        }
    }

    private void sort(Gang g) {
        if (g.place == Gang.Place.ROW || g.ready == 0) {
            return;
        }
        if (g.queued > 0) {
            g.place = Gang.Place.DUE;
            due.add(g);
        } else {
            g.place = Gang.Place.BUSY;
            busy.add(g);
        }
    }

    /** Lays down a gang in the new row. */
    @FunctionalInterface
    interface Layer {
        /** @return true when it, or part of it, has columns now */
        boolean lay(Gang g);
    }

    /** The row ends: all gangs with a ready member are offered to {@code layer} in the order in which they are due, until it is full. */
    void nextRow(Row columns, Layer layer) {
        for (Gang g : row) {
            g.place = Gang.Place.NOWHERE;
        }
        row.forEach(this::offer);
        row.clear();
        busy.forEach(this::offer);
        busy.clear();
        if (!due.isEmpty()) {
            least = Math.max(least, due.first().time);
        }
        for (Iterator<Gang> i = due.iterator(); i.hasNext() && columns.free() > 0;) {
            Gang g = i.next();
            if (layer.lay(g)) {
                i.remove();
                g.place = Gang.Place.ROW;
                row.add(g);
            } else if (g.queued == 0) {
                i.remove();
                g.place = Gang.Place.BUSY;
                busy.add(g);
            }
        }
    }

    private void offer(Gang g) {
        g.place = Gang.Place.NOWHERE;
        if (g.ready > 0) {
            g.place = Gang.Place.DUE;
            due.add(g);
        }
    }

    /** Somebody waits whose gang is off the row. */
    boolean anyDue() { return !due.isEmpty(); }

    /** Who is due of the gangs off the row and may run on {@code pcpu}, or null. */
    Entry alternate(int pcpu) {
        for (Gang g : due) {
            Entry e = g.alternate(pcpu);
            if (e != null) {
                return e;
            }
        }
        return null;
    }

    /** Forgets a vCPU that could not run and is ahead of nobody. @return false when it must be remembered */
    boolean forget(Entry e) {
        if (e.ready || e.pcpu >= 0 || e.gang.ready > 0 || e.gang.time > least) {
            return false;
        }
        leave(e);
        entries.remove(e.vcpu);
        return true;
    }
}
