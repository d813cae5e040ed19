package xen.kernel.core;

import java.util.UUID;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.kernel.mm.FrameTable;
import xen.kernel.testing.FakeCpu;
import xen.kernel.testing.FakeMachine;
import xen.kernel.time.MachineClock;

/** A core on a scripted machine, without its loops: domains are added by hand and nothing runs. */
public final class TestCore {
    public final Core core;
    public final FakeMachine.FakeBoard board;

    public TestCore(long memoryBytes, Topology topology) {
        MachineConfig config = new MachineConfig(memoryBytes, topology, TimeMode.VIRTUAL, null, null, MachineConfig.DEFAULT_HZ);
        MachineMemory memory = new MachineMemory(memoryBytes);
        core = new Core(config, memory, new FrameTable(memory), MachineClock.virtual(MachineConfig.DEFAULT_HZ, 0));
        board = new FakeMachine().attach(memory, topology, null);
        core.board(board);
    }

    public FakeCpu cpu(int pcpu) { return board.cpu(pcpu); }

    public DomainImpl domain(int id, long maxPages, int vcpus) {
        DomainImpl d = new DomainImpl(core, id, new DomainConfig("d" + id, new UUID(0, id), maxPages, vcpus, false));
        core.add(d);
        return d;
    }

    public void destroy(DomainImpl d) {
        core.life.destroy(d);
        core.life.releaseMemory(d);
    }

    public void remove(DomainImpl d) { core.remove(d); }
}
