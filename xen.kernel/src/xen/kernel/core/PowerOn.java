package xen.kernel.core;

import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.time.TimeMode;
import xen.kernel.event.EventHypercalls;
import xen.kernel.grant.GrantHypercalls;
import xen.kernel.hypercall.GeneralHypercalls;
import xen.kernel.mm.Descriptors;
import xen.kernel.mm.FrameTable;
import xen.kernel.mm.MmHypercalls;
import xen.kernel.sched.SchedHypercalls;
import xen.kernel.time.MachineClock;
import xen.kernel.time.TimeHypercalls;
import xen.kernel.trap.TrapHypercalls;

/** Puts a machine's parts together. */
final class PowerOn {
    /** Wall clock at power-on in virtual time, so that runs are repeatable: 2026-01-01T00:00:00Z. */
    private static final long VIRTUAL_EPOCH = 1_767_225_600L;

    private PowerOn() {}

    /** A core with its board attached and every hypercall registered; nothing runs yet. */
    static Core build(MachineConfig config, Plugins plugins) {
        Machine machine = plugins.machine(config.machine()).orElseThrow(() -> new HypervisorException(Errno.ENODEV,
                config.machine() == null ? "there is no machine: install and start a bundle that offers one, such as xen.hw.x86smp"
                        : "there is no machine '" + config.machine() + "': there are " + plugins.machineNames()));
        MachineMemory memory = new MachineMemory(config.memoryBytes());
        // guests' pages may still be read through addresses taken from this object, so memory goes with it and not before
        Core.CLEANER.register(memory, memory.area()::free);
        return build(config, memory, machine);
    }

    static Core build(MachineConfig config, MachineMemory memory, Machine machine) {
        MachineClock clock = config.timeMode() == TimeMode.VIRTUAL ? MachineClock.virtual(config.tscHz(), VIRTUAL_EPOCH)
                : MachineClock.real(config.tscHz());
        Core c = new Core(config, memory, new FrameTable(memory), clock);
        GeneralHypercalls.register(c.hypercalls, c);
        TrapHypercalls.register(c.hypercalls, c);
        MmHypercalls.register(c.hypercalls, c);
        GrantHypercalls.register(c.hypercalls, c);
        EventHypercalls.register(c.hypercalls, c);
        SchedHypercalls.register(c.hypercalls, c);
        TimeHypercalls.register(c.hypercalls, c);
        c.board(attach(c, machine));
        c.log.say("Xen version " + xen.kernel.hypercall.XenVersion.TEXT + ", machine " + machine.name() + ", " + config.topology() + " CPUs, "
                + (memory.bytes() >> 20) + " MiB, " + config.timeMode().name().toLowerCase(java.util.Locale.ROOT) + " time");
        return c;
    }

    static Machine.Board attach(Core c, Machine machine) {
        Machine.Board board = machine.attach(c.memory, c.config.topology(), new Callbacks(c));
        try {
            board.engine(c.engine);
        } catch (IllegalArgumentException e) {
            c.log.say(e.getMessage() + "; engine " + board.engine() + " goes on");
        }
        return board;
    }

    /** What CPUs ask during a run. */
    private record Callbacks(Core core) implements CpuCallbacks {
        @Override public long tsc(VcpuContext context, long retiredInRun) {
            long machine = core.clock.tsc(retiredInRun);
            VcpuImpl v = core.offsets ? core.vcpu(context) : null;
            return v == null ? machine : machine + v.domain.tscOffset;
        }

        @Override public int tscRate() { return core.clock.rate(); }

        @Override public void quiesced(Runnable action) { core.dispatcher.quiesced(action); }

        @Override public boolean concurrent() { return !core.clock.isVirtual() && core.pcpus() > 1; }

        @Override public long lastingSelectors() { return Descriptors.LASTING_SELECTORS; }

        @Override public long descriptor(VcpuContext context, int selector) {
            VcpuImpl v = core.vcpu(context);
            if (v == null) {
                return 0;
            }
            // an LDT page may have to be taken, which changes frames' types
            core.dispatcher.lockInRun();
            try {
                return v.descriptors.lookup(selector);
            } finally {
                core.lock.unlock();
            }
        }
    }
}
