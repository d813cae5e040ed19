package xen.sched.gang;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Reporting;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;
import xen.sched.shared.CapBudget;

/**
 * Gang scheduling. Time is cut into slots that begin on all pCPUs together; each slot has a row of Ousterhout's matrix (ICDCS 1982), in
 * which the vCPUs of a gang have columns of their own. Rows are not fixed: at the begin of a slot gangs are laid down in the order of the
 * time they had by weight, so that shares follow the weights whatever the sizes. Columns that stay empty, and those whose vCPU blocks,
 * take alternates: whoever waits and is due. A member that wakes during its gang's slot gets its column back.
 *
 * <p>Relaxed mode (as ESX describes its co-scheduling): a row may have part of a gang. What is limited is the skew: a vCPU that is ahead
 * of its slowest sibling by more than the limit is stopped in the rows that have no place for that sibling, until it has caught up; the
 * others go on, and are started one by one as columns get free.
 *
 * <p>A gang is what the core was told ({@link Vcpu#gang}), else, when so configured, a domain with several vCPUs. A gang with more ready
 * members than pCPUs is laid down as far as it goes. All calls come under the pool's lock (see {@link Scheduler}).
 */
public class GangScheduler implements Scheduler, Reporting {
    private static final int NORMAL_WEIGHT = 256;

    private final GangPolicy policy;
    private volatile GangStats stats = new GangStats();
    private final Map<Vcpu, Entry> entries = new IdentityHashMap<>();
    private final Map<Object, Gang> gangs = new HashMap<>();
    /** Who waits and has no column, in the order in which alternates are taken. */
    private final TreeSet<Entry> queue = new TreeSet<>();
    /** Gangs with a ready member, the one with least time first. */
    private final TreeSet<Gang> due = new TreeSet<>();
    /** pCPUs that found nothing and were not asked to look since. */
    private final BitSet idle = new BitSet();
    private final Set<Entry> parked = new LinkedHashSet<>();
    private SchedulerHost host;
    private Row row;
    private int[] pcpus = {};
    private Entry[] running = {};
    private long slotEnd;
    private long period;
    private long least;
    private int numbers;
    /** Just put back; if its pCPU takes another, somebody idle should look. */
    private Entry returned;

    public GangScheduler(GangPolicy policy) { this.policy = policy; }

    public GangStats stats() { return stats; }

    @Override public Map<String, Long> figures() { return stats.figures(); }

    @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
        stop();
        stats = new GangStats();
        host = h;
        pcpus = h.pcpus();
        int n = h.topology().pcpus();
        row = new Row(h.topology(), pcpus);
        for (int p : pcpus) {
            idle.set(p, h.idle(p));
        }
        running = new Entry[n];
        slotEnd = h.now();
        period = h.now() / CapBudget.PERIOD;
        runnable.forEach(this::wake);
    }

    @Override public void stop() {
        host = null;
        entries.clear();
        gangs.clear();
        queue.clear();
        due.clear();
        idle.clear();
        parked.clear();
        running = new Entry[0];
        least = 0;
        returned = null;
    }

    // Gangs

    private Entry entry(Vcpu v) {
        Entry e = entries.computeIfAbsent(v, x -> new Entry(x, numbers++));
        Object key = key(v);
        if (e.gang == null || !e.gang.key.equals(key)) {
            leave(e);
            e.gang = gangs.computeIfAbsent(key, k -> new Gang(k, e.number));
            if (e.gang.members.isEmpty()) {
                e.gang.time = Math.max(e.gang.time, least);
            }
            e.gang.members.add(e);
            sort(e.gang);
        }
        return e;
    }

    private Object key(Vcpu v) {
        if (v.gang() > 0) {
            return v.gang();
        }
        return policy.wholeDomains() && v.domain() != null && v.domain().vcpus().size() > 1 ? v.domain() : v;
    }

    private void leave(Entry e) {
        if (e.gang != null) {
            due.remove(e.gang);
            e.gang.members.remove(e);
            sort(e.gang);
            if (e.gang.members.isEmpty()) {
                gangs.remove(e.gang.key);
            }
            e.gang = null;
        }
    }

    // Coming and going

    @Override public void wake(Vcpu v) {
        Entry e = entry(v);
        if (e.gang.ready() == 0) {
            // nobody of it could run: it saved nothing up
            due.remove(e.gang);
            e.gang.time = Math.max(e.gang.time, least);
        } else {
            e.progress = Math.max(e.progress, e.gang.slowest());
        }
        e.active = true;
        due.add(e.gang);
        admit(e, -1);
    }

    /** Some pCPU, idle or not, is to look. */
    private void ask(int p) {
        idle.clear(p);
        host.kick(p);
    }

    /** Its members' readiness changed. */
    private void sort(Gang g) {
        if (g.ready() > 0) {
            due.add(g);
        } else {
            due.remove(g);
        }
    }

    private void admit(Entry e, int here) {
        if (e.cap.left(e.vcpu, host.now()) <= 0) {
            e.parked = true;
            parked.add(e);
            row.remove(e);
            sort(e.gang);
            stats.parked++;
            host.kickAt(anyPcpu(e.vcpu), CapBudget.nextPeriod(host.now()));
            return;
        }
        e.queued = true;
        e.waits();
        int p = e.column >= 0 ? e.column : joins(e);
        if (e.column < 0) {
            queue.add(e);
        }
        if (p < 0) {
            p = here < 0 ? idleFor(e.vcpu) : -1;
        }
        if (p >= 0 && p != here) {
            ask(p);
        }
    }

    /** A column for one that wakes while its gang is on: the matrix had a hole there, idle or with an alternate. */
    private int joins(Entry e) {
        if (host.now() >= slotEnd || e.stopped) {
            return -1;
        }
        for (Entry m : e.gang.members) {
            if (m != e && m.column >= 0) {
                return row.place(e) ? e.column : -1;
            }
        }
        return -1;
    }

    private int idleFor(Vcpu v) {
        int last = v.lastPcpu();
        if (last >= 0 && idle.get(last) && v.mayRunOn(last)) {
            return last;
        }
        int any = -1;
        int threads = host.topology().threads();
        for (int p = idle.nextSetBit(0); p >= 0; p = idle.nextSetBit(p + 1)) {
            if (v.mayRunOn(p)) {
                int core = p - p % threads;
                if (idle.nextClearBit(core) >= core + threads) {
                    return p;
                }
                any = any < 0 ? p : any;
            }
        }
        return any;
    }

    private int anyPcpu(Vcpu v) {
        for (int p : pcpus) {
            if (v.mayRunOn(p)) {
                return p;
            }
        }
        return pcpus[0];
    }

    @Override public void sleep(Vcpu v) {
        Entry e = entries.get(v);
        if (e != null) {
            withdraw(e);
            row.remove(e);
            e.active = false;
            sort(e.gang);
        }
    }

    private void withdraw(Entry e) {
        queue.remove(e);
        e.queued = false;
        parked.remove(e);
        e.parked = false;
    }

    @Override public void put(Vcpu v, int pcpu, long ran, boolean stillRunnable, boolean yielded) {
        Entry e = entry(v);
        running[pcpu] = null;
        e.pcpu = -1;
        e.active = stillRunnable;
        long weighted = ran * NORMAL_WEIGHT / v.weight();
        e.progress += weighted;
        due.remove(e.gang);
        e.gang.time += weighted / e.gang.members.size();
        sort(e.gang);
        e.cap.charge(v, ran, host.now());
        if (e.column >= 0 && (host.now() >= slotEnd || !v.mayRunOn(e.column))) {
            row.remove(e);
        }
        if (stillRunnable) {
            admit(e, pcpu);
            returned = e;
        }
    }

    @Override public void changed(Vcpu v) {
        Entry e = entries.get(v);
        if (e == null) {
            return;
        }
        entry(v);
        row.remove(e);
        if (e.queued || e.parked) {
            withdraw(e);
            admit(e, -1);
        }
    }

    // Choosing

    @Override public Vcpu pick(int pcpu, long now) {
        newPeriod(now);
        if (now >= slotEnd) {
            nextRow(now, pcpu);
        }
        Entry e = row.at(pcpu);
        boolean member = e != null && e.queued;
        if (!member) {
            e = alternate(pcpu);
        }
        idle.set(pcpu, e == null);
        if (e != null) {
            queue.remove(e);
            e.queued = false;
            e.pcpu = pcpu;
            running[pcpu] = e;
        }
        stats.pick(e != null, member);
        Entry r = returned;
        returned = null;
        if (r != null && r.queued && r.column < 0) {
            int p = idleFor(r.vcpu);
            if (p >= 0 && p != pcpu) {
                ask(p);
            }
        }
        return e == null ? null : e.vcpu;
    }

    private Entry alternate(int pcpu) {
        for (Entry e : queue) {
            if (!e.stopped && e.vcpu.mayRunOn(pcpu)) {
                return e;
            }
        }
        return null;
    }

    private void nextRow(long now, int pcpu) {
        slotEnd = now + policy.slotNanos();
        for (int p : pcpus) {
            Entry e = row.at(p);
            if (e != null && e.queued) {
                queue.add(e);
            }
        }
        row.clear();
        if (!due.isEmpty()) {
            least = Math.max(least, due.first().time);
        }
        List<Entry> members = new ArrayList<>();
        for (Gang g : due) {
            if (row.free() == 0 && !policy.relaxed()) {
                break;
            }
            lay(g, members);
        }
        stats.row(pcpus.length, pcpus.length - row.free());
        for (int p : pcpus) {
            if (row.at(p) != null) {
                queue.remove(row.at(p));
            }
            if (p != pcpu && (row.at(p) != running[p] || running[p] == null && !queue.isEmpty())) {
                ask(p);
            }
        }
        forget(now);
    }

    private void lay(Gang g, List<Entry> members) {
        members.clear();
        for (Entry e : g.members) {
            e.stopped = false;
            if (e.ready()) {
                members.add(e);
            }
        }
        if (!policy.relaxed() && members.size() <= pcpus.length) {
            row.place(members);
            return;
        }
        members.sort(Comparator.comparingLong((Entry e) -> e.progress).thenComparingInt(e -> e.number));
        long slowest = members.isEmpty() ? 0 : members.getFirst().progress;
        boolean follows = true;
        for (Entry e : members) {
            // skew grows only while the slowest does not run
            if (policy.relaxed() && !follows && e.progress - slowest > policy.skewNanos()) {
                e.stopped = true;
                stats.stops++;
                host.kickAt(anyPcpu(e.vcpu), slotEnd);
            } else {
                boolean placed = row.place(e);
                follows &= placed || e != members.getFirst();
            }
        }
    }

    @Override public long slice(Vcpu v, int pcpu) {
        long now = host.now();
        return Math.max(1, Math.min(Math.max(1, slotEnd - now), entry(v).cap.left(v, now)));
    }

    /** At the first decision of a period: who was parked may run again. */
    private void newPeriod(long now) {
        if (now / CapBudget.PERIOD == period) {
            return;
        }
        period = now / CapBudget.PERIOD;
        List<Entry> all = new ArrayList<>(parked);
        parked.clear();
        for (Entry e : all) {
            e.parked = false;
            sort(e.gang);
            admit(e, -1);
        }
    }

    /** Who sleeps and is ahead of nobody needs no memory; looked for once in many slots. */
    private void forget(long now) {
        if (++stats.rows % 64 == 0) {
            entries.values().removeIf(e -> {
                boolean gone = !e.active && e.pcpu < 0 && e.gang.time <= least && e.gang.ready() == 0 && e.cap.settled(e.vcpu, now);
                if (gone) {
                    leave(e);
                }
                return gone;
            });
        }
    }
}
