package xen.kernel.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import xen.kernel.api.control.CostModel;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.kernel.core.Core;
import xen.kernel.core.CoreAccess;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.event.SharedInfo;
import xen.kernel.mm.FrameTable;
import xen.kernel.time.MachineClock;

/** A core over 16 MiB with no silicon: for tests of time, events and scheduling. */
public final class TestCore implements AutoCloseable {
    public static final long EPOCH = 1_700_000_000L;

    public final MachineMemory memory = new MachineMemory(16 << 20);
    public final MachineClock clock;
    public final Core core;
    public final FakeMachine machine = new FakeMachine();
    private int lastDomid;

    public TestCore(String topology) { this(topology, null, MachineClock.virtual(MachineConfig.DEFAULT_HZ, EPOCH)); }

    public TestCore(String topology, CostModel costs) { this(topology, null, MachineClock.virtual(MachineConfig.DEFAULT_HZ, EPOCH), costs); }

    public TestCore(String topology, String scheduler, MachineClock clock) { this(topology, scheduler, clock, CostModel.FREE); }

    private TestCore(String topology, String scheduler, MachineClock clock, CostModel costs) {
        this.clock = clock;
        Topology t = Topology.parse(topology);
        var config = new MachineConfig(16 << 20, t, clock.isVirtual() ? TimeMode.VIRTUAL : TimeMode.REAL, null, scheduler, clock.hz(), costs);
        core = new Core(config, memory, new FrameTable(memory), clock);
        core.board(machine.attach(memory, t, null));
    }

    /** A domain whose vCPUs are down. */
    public DomainImpl domain(int vcpus) {
        int id = ++lastDomid;
        DomainImpl d = new DomainImpl(core, id, new DomainConfig("test" + id, new UUID(0, id), 64, vcpus, false));
        SharedInfo.init(d);
        d.state(DomainState.RUNNING);
        return d;
    }

    /** A domain whose vCPUs are all runnable. */
    public DomainImpl running(int vcpus) {
        DomainImpl d = domain(vcpus);
        locked(() -> d.vcpus().forEach(v -> v.sched.up(true)));
        return d;
    }

    /** The same, and the core knows it. */
    public DomainImpl added(int vcpus) {
        DomainImpl d = domain(vcpus);
        CoreAccess.add(core, d);
        locked(() -> d.vcpus().forEach(v -> v.sched.up(true)));
        return d;
    }

    public void locked(Runnable r) {
        core.lock.lock();
        try {
            r.run();
        } finally {
            core.lock.unlock();
        }
    }

    /** Total cpu time of each vCPU by its name. */
    public static Map<String, Long> cpuTimes(DomainImpl... domains) {
        Map<String, Long> m = new HashMap<>();
        for (DomainImpl d : domains) {
            for (VcpuImpl v : d.vcpus()) {
                m.put(v.toString(), v.cpuNanos());
            }
        }
        return m;
    }

    @Override public void close() { memory.close(); }
}
