package xen.sched.gang;

import java.util.BitSet;
import java.util.Collection;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Replicable;
import xen.kernel.api.sched.Reporting;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;
import xen.sched.shared.Parking;
import xen.sched.shared.Resting;

/**
 * Gang scheduling. Time is cut into slots that begin on all pCPUs together; each slot has a row of Ousterhout's matrix (ICDCS 1982), in
 * which the vCPUs of a gang have columns of their own. Rows are not fixed: at the begin of a slot gangs are laid down in the order of the
 * time they had by weight, so that shares follow the weights whatever the sizes. Columns that stay empty, and those whose vCPU blocks,
 * take alternates: whoever waits and is due. A member that wakes during its gang's slot gets its column back; a vCPU
 * that wakes alone may for a short time go before an alternate or another that is alone, never before one of a whole gang.
 *
 * <p>Relaxed mode (as ESX describes its co-scheduling): a row may have part of a gang. What is limited is the skew: a vCPU that is ahead
 * of its slowest sibling by more than the limit is stopped in the rows that have no place for that sibling, until it has caught up; the
 * others go on, and are started one by one as columns get free.
 *
 * <p>A gang is what the core was told ({@link Vcpu#gang}), else, when so configured, a domain with several vCPUs. A gang with more ready
 * members than pCPUs is laid down as far as it goes. All calls come under the pool's lock (see {@link Scheduler}).
 */
public class GangScheduler implements Scheduler, Reporting, Replicable {
    private static final int NORMAL_WEIGHT = 256;

    /** Shared with replicas; a change counts from the next slot. */
    private final AtomicReference<GangPolicy> shared;
    /** Of the present slot. */
    private GangPolicy policy;
    private volatile GangStats stats = new GangStats();
    private Gangs gangs;
    private Resting<Entry> resting = new Resting<>();
    private Parking<Entry> parking;
    /** Who waits without a column though its gang is in the row. */
    private final TreeSet<Entry> without = new TreeSet<>(Entry::byNeed);
    private Pcpus pcpus;
    /** pCPUs that run an alternate, or a vCPU that is a gang of its own. */
    private final BitSet lone = new BitSet();
    private SchedulerHost host;
    private Row row;
    private Layout layout;
    private Entry[] running = {};
    /** Who goes before the column's member. */
    private Entry[] boosted = {};
    private long slotEnd;
    /** Just put back; if its pCPU takes another, somebody idle should look. */
    private Entry returned;

    public GangScheduler(GangPolicy policy) { this(new AtomicReference<>(policy)); }

    private GangScheduler(AtomicReference<GangPolicy> shared) {
        this.shared = shared;
        policy = shared.get();
    }

    /** Changes the parameters, here and in all replicas, while guests run; any thread. */
    public void policy(GangPolicy next) { shared.set(next); }

    public GangStats stats() { return stats; }

    @Override public Map<String, Long> figures() { return stats.figures(); }

    @Override public Scheduler replicate() { return new GangScheduler(shared); }

    @Override public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
        stop();
        stats = new GangStats();
        policy = shared.get();
        host = h;
        pcpus = new Pcpus(h);
        int n = h.topology().pcpus();
        row = new Row(h.topology(), pcpus.all);
        layout = new Layout(row, stats, this::stranded);
        gangs = new Gangs();
        gangs.wholeDomains(policy.wholeDomains());
        parking = new Parking<>(h);
        running = new Entry[n];
        boosted = new Entry[n];
        slotEnd = h.now();
        runnable.forEach(v -> wake(v, false));
    }

    @Override public void stop() {
        host = null;
        gangs = null;
        resting = new Resting<>();
        parking = null;
        without.clear();
        pcpus = null;
        lone.clear();
        running = new Entry[0];
        boosted = new Entry[0];
        returned = null;
    }

    // Coming and going

    @Override public void wake(Vcpu v) { wake(v, true); }

    private void wake(Vcpu v, boolean mayBoost) {
        Entry e = gangs.entry(v);
        if (e.gang.ready == 0) {
            gangs.begin(e.gang);
        } else {
            e.progress = Math.max(e.progress, e.gang.slowest());
        }
        if (!admit(e, -1) && mayBoost) {
            boost(e);
        }
    }

    /** Queues or parks; {@code here} is a pCPU that will pick right after this call, or -1. @return true when it runs soon, or must not */
    private boolean admit(Entry e, int here) {
        if (e.cap.left(e.vcpu, host.now()) <= 0) {
            gangs.state(e, false, false);
            row.remove(e);
            e.parkedAt = pcpus.any(e.vcpu);
            parking.add(e, e.parkedAt);
            stats.parked++;
            return true;
        }
        gangs.state(e, true, true);
        int p = e.column >= 0 ? e.column : joins(e);
        if (e.column < 0 && e.gang.place == Gang.Place.ROW) {
            stranded(e);
        }
        if (p < 0) {
            p = here < 0 ? pcpus.idleFor(e.vcpu) : -1;
        }
        if (p >= 0 && p != here) {
            pcpus.ask(p);
        }
        return p >= 0;
    }

    /** A column for one that wakes while its gang is on: the matrix had a hole there, idle or with an alternate. */
    private int joins(Entry e) {
        boolean on = e.gang.place == Gang.Place.ROW && host.now() < slotEnd && !e.stopped;
        return on && row.place(e) ? e.column : -1;
    }

    /** It woke on a full machine: for a moment it may go before one that nobody waits for. */
    private void boost(Entry e) {
        if (policy.boostPercent() == 0 || lone.isEmpty() || e.gang.ready > 1 || !e.boost.take(policy.boostPercent(), GangPolicy.BOOST, host.now())) {
            return;
        }
        int last = e.vcpu.lastPcpu();
        int p = last >= 0 && free(last, e) ? last : lone.nextSetBit(0);
        while (p >= 0 && !free(p, e)) {
            p = lone.nextSetBit(p + 1);
        }
        if (p >= 0) {
            boosted[p] = e;
            e.boostedAt = p;
            stats.boosts++;
            host.kick(p);
        }
    }

    private boolean free(int p, Entry e) {
        Entry r = running[p];
        return lone.get(p) && boosted[p] == null && r != null && (r.column < 0 || r.gang.ready == 1) && e.vcpu.mayRunOn(p);
    }

    @Override public void sleep(Vcpu v) {
        Entry e = gangs.known(v);
        if (e != null) {
            withdraw(e);
            row.remove(e);
            rest(e);
        }
    }

    private void withdraw(Entry e) {
        gangs.state(e, false, false);
        settle(e);
        if (e.parkedAt >= 0) {
            parking.remove(e, e.parkedAt);
            e.parkedAt = -1;
        }
    }

    /** It waits no more: what led to it as one that waits is taken away. */
    private void settle(Entry e) {
        if (e.boostedAt >= 0) {
            boosted[e.boostedAt] = null;
            e.boostedAt = -1;
        }
        if (e.stranded) {
            without.remove(e);
            e.stranded = false;
        }
    }

    /** It waits, its gang is in the row, and it has no column. */
    private void stranded(Entry e) {
        if (!e.stranded) {
            e.stranded = true;
            e.need = e.gang.time;
            without.add(e);
        }
    }

    private void rest(Entry e) {
        if (!e.resting) {
            e.resting = true;
            resting.add(e);
        }
    }

    private boolean rested(Entry e, long now) {
        boolean awake = e.ready || e.parkedAt >= 0;
        boolean done = awake || e.cap.settled(e.vcpu, now) && e.boost.full(policy.boostPercent(), GangPolicy.BOOST, now) && gangs.forget(e);
        e.resting = !done;
        return done;
    }

    /** Who runs on {@code pcpu}: found without a search. */
    private Entry at(int pcpu, Vcpu v) {
        Entry e = running[pcpu];
        return e != null && e.vcpu == v ? e : gangs.entry(v);
    }

    @Override public void put(Vcpu v, int pcpu, long ran, boolean stillRunnable, boolean yielded) {
        Entry e = at(pcpu, v);
        running[pcpu] = null;
        e.pcpu = -1;
        long weighted = ran * NORMAL_WEIGHT / v.weight();
        e.progress += weighted;
        gangs.charge(e.gang, weighted / e.gang.members.size());
        e.cap.charge(v, ran, host.now());
        if (e.boosted) {
            e.boosted = false;
            e.boost.use(ran);
        }
        if (e.column >= 0 && (host.now() >= slotEnd || !v.mayRunOn(e.column))) {
            row.remove(e);
        }
        if (stillRunnable) {
            admit(e, pcpu);
            returned = e;
        } else {
            gangs.state(e, false, false);
            rest(e);
        }
    }

    @Override public void changed(Vcpu v) {
        Entry e = gangs.known(v);
        if (e == null) {
            return;
        }
        gangs.entry(v);
        row.remove(e);
        if (e.queued || e.parkedAt >= 0) {
            withdraw(e);
            admit(e, -1);
        }
    }

    // Choosing

    @Override public Vcpu pick(int pcpu, long now) {
        parking.release(pcpu, now, e -> {
            e.parkedAt = -1;
            admit(e, -1);
        });
        resting.sweep(e -> rested(e, now));
        if (now >= slotEnd) {
            nextRow(now, pcpu);
        }
        Entry member = row.at(pcpu);
        Entry e = boosted[pcpu];
        if (e != null && e.queued && e.vcpu.mayRunOn(pcpu)) {
            e.boosted = true;
            if (member != null && member.queued) {
                // another pCPU may take it meanwhile
                row.remove(member);
                stranded(member);
            }
        } else {
            e = member != null && member.queued ? member : alternate(pcpu);
        }
        pcpus.idle(pcpu, e == null);
        lone.set(pcpu, e != null && (e != member || e.gang.members.size() == 1) && !e.boosted);
        if (e != null) {
            settle(e);
            gangs.state(e, true, false);
            e.pcpu = pcpu;
            running[pcpu] = e;
        }
        stats.pick(e != null, e == member);
        passOn(pcpu);
        return e == null ? null : e.vcpu;
    }

    /** Who was just put back and not picked again waits: an idle pCPU may take it. */
    private void passOn(int pcpu) {
        Entry r = returned;
        returned = null;
        if (r != null && r.queued && r.column < 0) {
            int p = pcpus.idleFor(r.vcpu);
            if (p >= 0 && p != pcpu) {
                pcpus.ask(p);
            }
        }
    }

    /** Whoever is due: of the gangs off the row, and of those in it without a column. */
    private Entry alternate(int pcpu) {
        Entry best = gangs.alternate(pcpu);
        for (Entry e : without) {
            if (best != null && best.gang.time <= e.need) {
                break;
            }
            if (!e.stopped && e.vcpu.mayRunOn(pcpu)) {
                return e;
            }
        }
        return best;
    }

    private void nextRow(long now, int pcpu) {
        policy = shared.get();
        gangs.wholeDomains(policy.wholeDomains());
        slotEnd = now + policy.slotNanos();
        without.forEach(e -> e.stranded = false);
        without.clear();
        layout.begin(policy);
        gangs.nextRow(row, layout);
        stats.rows++;
        stats.row(pcpus.all.length, pcpus.all.length - row.free());
        boolean waiting = gangs.anyDue() || !without.isEmpty();
        for (int p : pcpus.all) {
            if (p != pcpu && (row.at(p) != running[p] || running[p] == null && waiting)) {
                pcpus.ask(p);
            }
        }
        if (layout.stopsAnybody()) {
            // an idle pCPU may take them then
            host.kickAt(pcpu, slotEnd);
        }
    }

    @Override public long slice(Vcpu v, int pcpu) {
        long now = host.now();
        Entry e = at(pcpu, v);
        long s = Math.max(1, slotEnd - now);
        if (e.boosted) {
            s = Math.min(s, e.boost.left());
        }
        return v.cap() == 0 ? s : Math.max(1, Math.min(s, e.cap.left(v, now)));
    }
}
