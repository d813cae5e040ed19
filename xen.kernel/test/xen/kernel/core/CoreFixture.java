package xen.kernel.core;

import java.util.UUID;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.time.TimeMode;
import xen.kernel.event.SharedInfo;
import xen.kernel.testing.FakeCpu;
import xen.kernel.testing.FakeMachine;

/**
 * A core of 16 MiB on a scripted machine with one running domain; no loop runs, the test plays the pCPU. Guest virtual addresses are
 * machine addresses ({@link FakeCpu#identity}); {@link #free} is the start of frames that nobody uses.
 */
public final class CoreFixture {
    public final FakeMachine machine = new FakeMachine();
    public final Core core;
    public final DomainImpl domain;
    public final VcpuImpl v;
    public final VcpuContext c;
    public final FakeCpu cpu;
    /** Machine (and guest virtual) address of 1 MiB of free memory. */
    public final long free = 8 << 20;

    public CoreFixture() { this(1, false); }

    public CoreFixture(int vcpus, boolean privileged) {
        MachineConfig config = new MachineConfig(16 << 20, new Topology(1, 1, 1), TimeMode.VIRTUAL, null, null, MachineConfig.DEFAULT_HZ);
        core = PowerOn.build(config, new MachineMemory(config.memoryBytes()), machine);
        domain = new DomainImpl(core, 1, new DomainConfig("guest", new UUID(0x0123456789abcdefL, 0xfedcba9876543210L), 1024, vcpus, privileged));
        domain.memory.setMax(1024);
        SharedInfo.init(domain);
        core.add(domain);
        domain.pauses(0);
        domain.state(DomainState.RUNNING);
        v = domain.vcpu(0);
        c = v.context;
        cpu = machine.board.cpu(0);
        cpu.identity = true;
        Raw.zero(core.memory.base + free, 1 << 20);
        c.selector(VcpuContext.CS, 0xe033);
        c.selector(VcpuContext.SS, 0xe02b);
        core.exits.enter(v, 0);
    }

    /** Host address of a guest address. */
    public long host(long va) { return core.memory.base + va; }

    public long get64(long va) { return Raw.get64(host(va)); }

    public void put64(long va, long value) { Raw.put64(host(va), value); }

    public void put32(long va, int value) { Raw.put32(host(va), value); }

    public void put16(long va, int value) { Raw.put16(host(va), value); }

    public void put8(long va, int value) { Raw.put8(host(va), value); }

    /** Runs the next scripted step and handles its exit. */
    public void step() {
        int exit = cpu.run(c, 1000);
        core.lock.lock();
        try {
            core.exits.handle(v, 0, exit);
        } finally {
            core.lock.unlock();
        }
    }

    public void step(FakeCpu.Step s) {
        cpu.script.add(s);
        step();
    }

    /** Issues a hypercall and returns RAX. */
    public long hypercall(int number, long... args) {
        step(FakeCpu.hypercall(number, args));
        return c.gpr(VcpuContext.RAX);
    }

    /** The same from virtual kernel mode, whatever the mode is. */
    public long hypercallInKernel(int number, long... args) {
        if (c.userMode()) {
            v.traps.toggleMode();
        }
        long rip = c.rip();
        long result = hypercall(number, args);
        c.rip(rip);
        return result;
    }

    public void trace(xen.kernel.api.control.TraceSink sink) { core.trace(sink); }

    public void exception(int vector, int error, long cr2) { step(FakeCpu.exception(vector, error, cr2)); }

    /** Leaves with {@code exit} after setting the exit's fields. */
    public void privileged(xen.kernel.api.hw.PrivilegedOp op, int operand, int length) {
        step((x, budget) -> {
            x.put32(VcpuContext.EXIT_OP, op.ordinal());
            x.put32(VcpuContext.EXIT_OPERAND, operand);
            x.put32(VcpuContext.EXIT_LENGTH, length);
            return Exit.PRIVILEGED;
        });
    }

    public void userMode() {
        if (!c.userMode()) {
            v.traps.toggleMode();
        }
    }

    /** Registers a trap handler through the hypercall; uses memory at the end of {@link #free}. */
    public void trap(int vector, int flags, long handler) {
        long p = free + (1 << 20) - 4096;
        put64(p, vector | flags << 8 | 0xe033L << 16);
        put64(p + 8, handler);
        put64(p + 24, 0);
        long r = hypercall(0, p);
        if (r != 0) {
            throw new AssertionError("set_trap_table gave " + r);
        }
    }

    public boolean crashed() { return domain.crashReport().isPresent(); }

    public long counter(String name) { return domain.counters().getOrDefault(name, 0L); }
}
