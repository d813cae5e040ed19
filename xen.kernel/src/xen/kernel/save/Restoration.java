package xen.kernel.save;

import java.util.ArrayList;
import java.util.List;
import xen.kernel.api.control.DomainImage;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.RestoringDomain;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.mm.FrameImage;
import xen.kernel.sched.PcpuStates;

/** One domain on its way out of an image. See the package for what is trusted (nothing) and for time. */
public final class Restoration implements RestoringDomain {
    private static final long GIGA = 1_000_000_000L;

    private final Core core;
    private final DomainImpl domain;
    private final DomainImage image;
    private final long[] mfns;
    private final Runnable destroy;
    private final Timers timers = new Timers();
    private final List<Runnable> runstates = new ArrayList<>();
    private boolean over;
    // of the old machine
    private boolean virtual, alone;
    private String topology, costs;
    private long hz, now, tsc, timeOffset, tscOffset;
    private PcpuStates places;

    /** Takes the frames, under the core's lock. {@code destroy} takes everything back from the domain. */
    public Restoration(DomainImpl domain, DomainImage image, Runnable destroy) {
        this.domain = domain;
        this.image = image;
        this.destroy = destroy;
        core = domain.core;
        mfns = FrameImage.take(domain.memory, image);
    }

    @Override public DomainImpl domain() { return domain; }

    @Override public long[] mfns() { return mfns.clone(); }

    @Override public boolean moved() { return mfns.length > 0 && !java.util.Arrays.equals(mfns, image.mfns()); }

    @Override public void complete() {
        try {
            Capture.onMachine(core, this::build);
            over = true;
        } catch (RuntimeException e) {
            abandon();
            throw e;
        }
    }

    @Override public void abandon() {
        if (!over) {
            over = true;
            destroy.run();
        }
    }

    private void build() {
        StateReader r = new StateReader(image.state(), image.mfns(), mfns);
        r.part("core");
        int version = r.i32("version", Integer.MIN_VALUE, Integer.MAX_VALUE);
        if (version != Capture.VERSION) {
            throw new HypervisorException(Errno.EINVAL, "the snapshot's core state is of version " + version + ", this build reads " + Capture.VERSION
                    + ": save the domain again with this build");
        }
        machine(r);
        FrameImage.describe(domain.memory, image, mfns);
        domain(r);
        domain.memory.restore(r);
        domain.grants.restore(r);
        if (!domain.memory.allClaimed()) {
            throw r.refused("a frame is the hypervisor's but has no use");
        }
        domain.events.restore(r);
        domain.watchdogs.restore(r, timers);
        for (VcpuImpl v : domain.vcpus()) {
            VcpuRegisters.restore(v, r);
            v.traps.restore(r);
            v.descriptors.restore(r);
            v.info.restore(r);
            runstates.add(v.time.restore(r, timers));
            v.sched.restore(r, timers);
            boolean rooted = v.context.get64(xen.kernel.api.hw.VcpuContext.KERNEL_ROOT) != 0;
            if (v.sched.up() && (!v.traps.initialised() || !rooted)) {
                throw r.refused(v + " is up without a page table");
            }
        }
        r.end();
        FrameImage.giveBack(domain.memory, image, mfns);
        domain.resumption = this::resume;
    }

    private void machine(StateReader r) {
        r.part("machine");
        virtual = r.flag();
        hz = r.i64();
        topology = r.text();
        costs = r.text();
        now = r.i64("machine time", 0, Timers.MOST);
        tsc = r.i64("machine TSC", 0, Timers.MOST);
        alone = r.flag();
        places = new PcpuStates(r, domain.vcpus().size());
        if (hz != core.clock.hz()) {
            throw new HypervisorException(Errno.EINVAL, "the snapshot was made on a machine with a TSC of " + hz + " Hz, this one has " + core.clock.hz()
                    + " Hz, and the guest counts on its own");
        }
    }

    private void domain(StateReader r) {
        r.part("domain");
        domain.pauses(1 + r.i32("pauses", 0, 1 << 20));
        domain.assists = r.i64();
        domain.shutdownCode = r.i32("shutdown code", -1, 5);
        domain.consoleLine.append(new String(r.raw("console line", 1 << 16), java.nio.charset.StandardCharsets.UTF_8));
        timeOffset = r.i64("time offset", -Timers.MOST, Timers.MOST);
        tscOffset = r.i64("TSC offset", -Timers.MOST, Timers.MOST);
        for (int n = r.i32("counters", 0, 10_000); n > 0; n--) {
            String name = r.text();
            domain.counters.of(name).value = r.i64();
        }
    }

    /** The machine is the old one again as far as anybody can tell. */
    private boolean exact() {
        return virtual && core.clock.isVirtual() && alone && PcpuStates.alone(core, domain) && !moved() && domain.id() == image.domid()
                && topology.equals(core.config.topology().toString()) && costs.equals(core.config.costs().toString()) && core.clock.now() <= now
                && domain.vcpus().stream().allMatch(v -> v.sched.lastPcpu() < 0) && places.fits(domain, core.pcpus());
    }

    /** The first unpause; on the machine's thread in virtual time, under the core's lock. */
    private void resume() {
        boolean exact = exact();
        if (exact) {
            places.clocks(core);
            domain.timeOffset = timeOffset;
            domain.tscOffset = tscOffset;
        } else {
            offsets();
        }
        core.offsets |= domain.timeOffset != 0 || domain.tscOffset != 0;
        domain.timeOffsetKept = exact;
        timers.set(exact ? 0 : core.clock.now() - now, exact);
        runstates.forEach(Runnable::run);
        domain.state(DomainState.RUNNING);
        if (exact) {
            places.vcpus(core, domain);
        } else {
            for (VcpuImpl v : domain.vcpus()) {
                v.sched.kick();
                v.sched.refresh();
            }
        }
    }

    /** The domain's clock goes on where it stood, whatever the machine's says. */
    private void offsets() {
        long away = now + timeOffset - core.clock.now();
        if (hz != GIGA) {
            // nanoseconds and cycles must stay two views of one count: whole seconds only, and never back
            away = Math.ceilDiv(away, GIGA) * GIGA;
        }
        domain.timeOffset = away;
        domain.tscOffset = hz == GIGA ? away : away / GIGA * hz;
    }
}
