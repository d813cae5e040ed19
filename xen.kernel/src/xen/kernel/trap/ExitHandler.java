package xen.kernel.trap;

import java.util.BitSet;
import xen.kernel.api.control.TraceSink;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.Core;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.HypercallFrame;
import xen.kernel.hypercall.HypercallTable;
import xen.kernel.mm.PageFaults;

/**
 * Everything after {@code Cpu.run} returned: called by the pCPU loop with the core's lock held. The order is the guest's: first the
 * exit, then a waiting NMI, then a pending event upcall, so that the guest never runs an instruction with an event due.
 */
public final class ExitHandler {
    private static final int R8 = 8, R9 = 9, R10 = 10, R11 = 11;
    /** #PF error code: the access came from user mode. */
    private static final int PF_USER = 4;

    private final Core core;

    public ExitHandler(Core core) { this.core = core; }

    /** Handles one exit, then what {@link #enter} does. Afterwards the vCPU may have blocked or its domain may have shut down. */
    public void handle(VcpuImpl v, int pcpu, int exit) {
        core.lock.works(exit);
        Cpu cpu = core.cpu(pcpu);
        TrapState t = v.traps;
        t.bind(cpu);
        t.countExit(exit);
        TraceSink sink = core.trace();
        if (sink != null) {
            sink.exit(v, exit);
        }
        boolean stepping = (v.context.flags() & Bounce.TF) != 0;
        long retired = v.context.retired();
        switch (exit) {
            case Exit.SYSCALL -> syscall(v, cpu, sink);
            case Exit.EXCEPTION -> exception(v, cpu, pcpu);
            case Exit.PRIVILEGED -> PrivilegedOps.emulate(v, cpu);
            case Exit.SOFTWARE_INTERRUPT -> softwareInterrupt(v, cpu);
            case Exit.COMPAT_SYSCALL -> compatSyscall(v, cpu);
            case Exit.EXCLUSIVE -> alone(v, cpu, pcpu);
            default -> { /* budget, attention: only events to look for */ }
        }
        if (stepping && (exit == Exit.PRIVILEGED || exit == Exit.EXCEPTION) && v.context.retired() != retired) {
            stepped(v, cpu);
        }
        deliver(v, cpu);
    }

    /** The core executed an instruction for a guest that single-steps: the trap behind it. */
    private static void stepped(VcpuImpl v, Cpu cpu) {
        v.traps.countTrap(Vectors.DB);
        DebugRegisters.singleStepped(v);
        Bounce.inject(v, cpu, Vectors.DB, Bounce.NO_ERROR);
    }

    /** To be called before a vCPU that did not just come from {@link #handle} on this pCPU enters the guest. */
    public void enter(VcpuImpl v, int pcpu) {
        Cpu cpu = core.cpu(pcpu);
        v.traps.bind(cpu);
        Failsafe.reloadSelectors(v, cpu);
        deliver(v, cpu);
    }

    /** For a vCPU that goes on on this pCPU as if it had never left it. */
    public void bind(VcpuImpl v, int pcpu) { v.traps.bind(core.cpu(pcpu)); }

    /** One instruction while every other pCPU is out of its guest; whatever it leads to is handled as usual. */
    private void alone(VcpuImpl v, Cpu cpu, int pcpu) {
        BitSet all = new BitSet();
        all.set(0, core.pcpus());
        int[] exit = new int[1];
        core.dispatcher.whileOut(all, () -> exit[0] = cpu.stepAlone(v.context));
        if (exit[0] != Exit.EXCLUSIVE) {
            handle(v, pcpu, exit[0]);
        }
    }

    private static void deliver(VcpuImpl v, Cpu cpu) {
        if (v.traps.nmiPending || v.info.upcallReady()) {
            deliverSlow(v, cpu);
        }
    }

    private static void deliverSlow(VcpuImpl v, Cpu cpu) {
        TrapState t = v.traps;
        if (!v.domain.live()) {
            return;
        }
        if (t.nmiPending && !t.nmiInService && t.handler[Vectors.NMI] != 0) {
            t.nmiPending = false;
            t.nmiInService = true;
            if (!Bounce.inject(v, cpu, Vectors.NMI, Bounce.NO_ERROR)) {
                return;
            }
        }
        if (v.info.upcallReady()) {
            t.upcalls.value++;
            Bounce.enter(v, cpu, t.eventCallback, true, Bounce.NO_ERROR);
        }
    }

    /** SYSCALL: the guest kernel's is a hypercall, its user mode's a system call of the guest's own. */
    private void syscall(VcpuImpl v, Cpu cpu, TraceSink sink) {
        long b = v.context.base;
        long rip = Raw.get64(b + VcpuContext.RIP);
        Raw.put64(b + VcpuContext.GPR + 8 * R11, Raw.get64(b + VcpuContext.RFLAGS));
        Raw.put64(b + VcpuContext.GPR + 8 * VcpuContext.RCX, rip);
        if (Raw.get32(b + VcpuContext.MODE) == 0) {
            hypercall(v, b, sink);
        } else {
            TrapState t = v.traps;
            enterSyscall(v, cpu, t.syscallCallback, t.syscallMasks, Bounce.FLAT_CS64);
        }
    }

    private void hypercall(VcpuImpl v, long b, TraceSink sink) {
        HypercallTable table = core.hypercalls;
        HypercallFrame f = v.traps.call;
        long g = b + VcpuContext.GPR;
        long number = Raw.get64(g);
        v.traps.countCall(table, number);
        f.begin((number & -HypercallTable.SIZE) == 0 ? (int) number : -1, Raw.get64(g + 8 * VcpuContext.RDI),
                Raw.get64(g + 8 * VcpuContext.RSI), Raw.get64(g + 8 * VcpuContext.RDX), Raw.get64(g + 8 * R10), Raw.get64(g + 8 * R8),
                Raw.get64(g + 8 * R9));
        if (f.number() >= 0) {
            core.lock.worksAtHypercall(f.number());
        }
        long result = table.dispatch(f);
        Raw.put64(g, result);
        if (sink != null) {
            sink.hypercall(v, (int) number, f.arg(0), f.arg(1), f.arg(2), result);
        }
    }

    private void enterSyscall(VcpuImpl v, Cpu cpu, long callback, boolean masks, int cs) {
        VcpuContext c = v.context;
        c.selector(VcpuContext.CS, cs);
        c.selector(VcpuContext.SS, Bounce.FLAT_SS);
        if (callback == 0) {
            c.rip(c.rip() - 2);
            v.traps.countTrap(Vectors.UD);
            Bounce.inject(v, cpu, Vectors.UD, Bounce.NO_ERROR);
        } else if (Bounce.enter(v, cpu, callback, masks, Bounce.NO_ERROR)) {
            // the ABI has no virtual flags mask: DF is what it clears beyond an exception's
            c.flags(c.flags() & ~Bounce.DF);
        }
    }

    private void compatSyscall(VcpuImpl v, Cpu cpu) {
        VcpuContext c = v.context;
        TrapState t = v.traps;
        c.gpr(VcpuContext.RCX, c.rip());
        c.gpr(R11, c.flags());
        enterSyscall(v, cpu, t.syscall32Callback, t.syscall32Masks, Bounce.FLAT_CS32);
    }

    private void exception(VcpuImpl v, Cpu cpu, int pcpu) {
        VcpuContext c = v.context;
        int vector = c.get32(VcpuContext.EXIT_VECTOR);
        long error = c.get32(VcpuContext.EXIT_ERROR) & 0xffff_ffffL;
        v.traps.countTrap(vector);
        switch (vector) {
            case Vectors.PF -> {
                long cr2 = c.get64(VcpuContext.EXIT_CR2);
                if (PageFaults.fixup(v, pcpu, cr2, (int) error)) {
                    return;
                }
                v.info.cr2(cr2);
                fault(v, cpu, Vectors.PF, error & ~PF_USER | (c.userMode() ? PF_USER : 0));
            }
            case Vectors.UD -> {
                if (!PrivilegedOps.forcedCpuid(v, cpu)) {
                    fault(v, cpu, Vectors.UD, Bounce.NO_ERROR);
                }
            }
            case Vectors.NM -> {
                // the guest's handler finds the FPU usable, as the ABI promises
                c.put32(VcpuContext.TASK_SWITCHED, 0);
                fault(v, cpu, Vectors.NM, Bounce.NO_ERROR);
            }
            default -> fault(v, cpu, vector, Vectors.hasError(vector) ? error : Bounce.NO_ERROR);
        }
    }

    private static void fault(VcpuImpl v, Cpu cpu, int vector, long error) {
        if (Vectors.isFault(vector)) {
            v.context.flags(v.context.flags() | Bounce.RF);
        }
        Bounce.inject(v, cpu, vector, error);
    }

    /** INT n: through the guest's trap table when its entry allows the privilege, else #GP with the IDT form of the error code. */
    private void softwareInterrupt(VcpuImpl v, Cpu cpu) {
        VcpuContext c = v.context;
        TrapState t = v.traps;
        int vector = c.get32(VcpuContext.EXIT_VECTOR) & 0xff;
        int privilege = c.userMode() ? 3 : (v.domain.assists >>> Bounce.ASSIST_ARCHITECTURAL_IOPL & 1) != 0 ? 0 : 1;
        // #BP and #OF are open to all, as in every IDT
        boolean open = vector == Vectors.BP || vector == Vectors.OF || (t.handlerFlags[vector] & TrapState.TI_DPL) >= privilege;
        if (open && t.handler[vector] != 0) {
            advance(c);
            Bounce.inject(v, cpu, vector, Bounce.NO_ERROR);
        } else {
            t.countTrap(Vectors.GP);
            Bounce.inject(v, cpu, Vectors.GP, (long) vector << 3 | 2);
        }
    }

    /** Moves RIP behind an instruction that the core executed, and counts it. */
    static void advance(VcpuContext c) {
        c.rip(c.rip() + c.get32(VcpuContext.EXIT_LENGTH));
        c.put64(VcpuContext.RETIRED, c.get64(VcpuContext.RETIRED) + 1);
    }
}
