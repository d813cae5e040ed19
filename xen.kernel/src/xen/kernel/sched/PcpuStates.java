package xen.kernel.sched;

import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;
import xen.kernel.save.Timers;

/**
 * Where the pCPUs of a machine in virtual time are, for a domain that had the machine to itself: their clocks, what they run, for how
 * long yet, and who waits. On the machine thread with the core's lock held, between two instructions.
 *
 * <p>The scheduler plugin is met as by a swap: it learns of those that wait by {@code wake}, in their order, and of those that run when
 * they stop.
 */
public final class PcpuStates {
    private record Place(long cycles, long fraction, int current, int last, boolean resched, long kickedAt, long sliceEnd, long sliceEndCycles, long since) {}

    private final long acted, windowEnd, cycles;
    private final Place[] places;
    private final int[] waiting;

    /** Reads what {@link #capture} wrote. */
    public PcpuStates(StateReader r, int vcpus) {
        r.part("pcpus");
        cycles = r.i64("cycles", 0, Timers.MOST);
        acted = r.i64("last action", 0, Timers.MOST);
        windowEnd = r.i64("end of the window", 0, Timers.MOST);
        places = new Place[r.i32("pCPUs", 1, 4096)];
        for (int p = 0; p < places.length; p++) {
            places[p] = new Place(r.i64("cycles of a pCPU", 0, Timers.MOST), r.i64("fraction", 0, GuestRun.FULL_RATE - 1),
                    r.i32("vCPU", -1, vcpus - 1), r.i32("last vCPU", -1, vcpus - 1), r.flag(), r.i64("kick", 0, Timers.MOST),
                    r.i64("end of slice", 0, Timers.MOST), r.i64("end of slice", 0, Timers.MOST), r.i64("begin of slice", 0, Timers.MOST));
        }
        waiting = new int[r.i32("waiting vCPUs", 0, vcpus)];
        for (int i = 0; i < waiting.length; i++) {
            waiting[i] = r.i32("waiting vCPU", 0, vcpus - 1);
        }
    }

    public static void capture(Core core, DomainImpl d, StateWriter w) {
        Dispatcher x = core.dispatcher;
        w.part("pcpus").i64(core.clock.cycles()).i64(x.acted).i64(x.windowEnd).i32(x.pcpus.length);
        for (Pcpu p : x.pcpus) {
            w.i64(p.cycles).i64(p.fraction).i32(id(d, p.current)).i32(id(d, p.last)).flag(p.resched).i64(p.kickedAt).i64(p.sliceEnd)
                    .i64(p.sliceEndCycles).i64(core.schedulers.switcher.since(p.id));
        }
        int[] ids = d.pool().waiting().stream().filter(v -> v.domain == d).mapToInt(VcpuImpl::id).toArray();
        w.i32(ids.length);
        for (int id : ids) {
            w.i32(id);
        }
    }

    /** True when the domain has the whole machine to itself. */
    public static boolean alone(Core core, DomainImpl d) {
        return core.domains().size() == 1 && d.pool() == core.schedulers.first() && d.pool().cpus().equals(core.schedulers.allPcpus());
    }

    private static int id(DomainImpl d, VcpuImpl v) { return v == null || v.domain != d ? -1 : v.id(); }

    /** True when it is a machine of that many pCPUs, each vCPU has one place, and those that have one can run. */
    public boolean fits(DomainImpl d, int pcpus) {
        boolean[] seen = new boolean[d.vcpus().size()];
        boolean ok = places.length == pcpus;
        for (Place p : places) {
            ok &= p.current < 0 || placed(d, seen, p.current);
        }
        for (int id : waiting) {
            ok &= placed(d, seen, id);
        }
        for (VcpuImpl v : d.vcpus()) {
            ok &= seen[v.id()] == (v.sched.up() && !v.sched.blocked());
        }
        return ok;
    }

    private static boolean placed(DomainImpl d, boolean[] seen, int id) {
        boolean first = !seen[id];
        seen[id] = true;
        return first;
    }

    /** The machine's clocks go to where they were. */
    public void clocks(Core core) {
        Dispatcher x = core.dispatcher;
        x.acted = acted;
        x.windowEnd = windowEnd;
        core.clock.cycles(cycles);
        for (int i = 0; i < places.length; i++) {
            Pcpu p = x.pcpus[i];
            Place s = places[i];
            p.cycles = s.cycles;
            p.fraction = s.fraction;
            p.kickedAt = s.kickedAt;
            p.sliceEnd = s.sliceEnd;
            p.sliceEndCycles = s.sliceEndCycles;
            p.resched = s.resched;
        }
    }

    /** The vCPUs of a live domain go to where they were. */
    public void vcpus(Core core, DomainImpl d) {
        Dispatcher x = core.dispatcher;
        for (int id : waiting) {
            d.pool().adopt(d.vcpu(id));
        }
        for (int i = 0; i < places.length; i++) {
            Place s = places[i];
            Pcpu p = x.pcpus[i];
            p.last = s.last < 0 ? null : d.vcpu(s.last);
            if (s.current >= 0) {
                VcpuImpl v = d.vcpu(s.current);
                core.schedulers.switcher.adopt(v, i, s.since);
                p.current = v;
                d.memory.markDirty(i);
                core.exits.bind(v, i);
            }
        }
    }
}
