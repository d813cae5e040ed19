package xen.hw.x86smp.exec;

import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * A run of a vCPU, around the loop: its state in and out, its budget, and what ends it. Between {@link #begin} and {@link #end} the CPU has
 * the vCPU's RIP, flags, mode and address-space tag; general registers stay in the register file.
 */
abstract class VcpuRun extends CodeLookup {
    public final CpuCallbacks callbacks;

    /** Exit that the last terminator asked for, -1 = none. */
    int exit;
    long budget;
    /** Instructions of the budget not yet retired, as of the start of the current block. */
    long remaining;
    /** Runs begun and ended, so odd inside one; other CPUs wait for a change to know that nothing from before is in use. */
    private volatile int runs;
    private int seenDrops;

    VcpuRun(int pcpu, MachineMemory memory, CodeCache code, CpuCallbacks callbacks, int warm) {
        super(pcpu, memory, code, callbacks.concurrent(), warm);
        this.callbacks = callbacks;
    }

    /**
     * Whoever drives the CPUs has to stop them before an engine changes.
     *
     * @throws IllegalStateException if this one is in a run
     */
    public final void checkStopped() {
        if (vcpu != null) {
            throw new IllegalStateException("pCPU " + pcpu + " runs a guest: its engine cannot change now");
        }
    }

    public final VcpuContext vcpu() { return vcpu; }

    final int runs() { return runs; }

    final void begin(VcpuContext v, long budget) {
        if (concurrent) {
            runs = runs + 1;
            code.settle();
            if (seenDrops != code.drops()) {
                // translated code fills its jump cache itself and may have done so while another CPU was clearing it
                seenDrops = code.drops();
                if (tierOne != null) {
                    tierOne.clearJumps();
                }
            }
        }
        load(v);
        this.budget = remaining = budget;
        exit = -1;
        next = null;
    }

    /** The state that a run leaves goes back to the vCPU. */
    final void end(int result) {
        save(result);
        over();
    }

    /** The CPU has no vCPU any more; alone when the run failed, and there is no state to give back. */
    final void over() {
        vcpu = null;
        if (concurrent) {
            runs = runs + 1;
        }
    }

    /** True if somebody wants this CPU out of its guest, which is heard now. */
    final boolean takeAttention() {
        boolean asked = Raw.get32(regs + VcpuContext.ATTENTION) != 0;
        if (asked) {
            Raw.put32(regs + VcpuContext.ATTENTION, 0);
        }
        return asked;
    }

    // For ops

    /** Ends the run with {@code code} behind this terminator; rip is already the place to go on. */
    public final void leave(int code) {
        exit = code;
        next = null;
        link = LINK_NONE;
    }

    /** A trap: the op retires, then the run ends with this exception; rip is already the next instruction. */
    public final void trap(int vector) {
        this.vector = vector;
        errorCode = 0;
        leave(Exit.EXCEPTION);
    }

    /** Instructions retired in this run before the one of this index in its block. */
    public final long retiredInRun(int index) { return budget - remaining + index; }

    // vCPU state in and out

    private void load(VcpuContext v) {
        vcpu = v;
        regs = v.base;
        Raw.put64(regs + Ea.ZERO, 0);
        flags(v.flags() & ~RF);
        longMode = v.longMode();
        segments(longMode);
        rip = codeBase == 0 ? v.rip() : codeLinear(v.rip());
        adoptTags();
        tag = tagOf(v);
        if (tag == Tlb.MISSES) {
            other |= v.flags() & RF;
        }
        if (tierOne != null) {
            tierOne.begin();
        }
    }

    private void save(int result) {
        vcpu.rip(codeBase == 0 ? rip : rip - codeBase & 0xffff_ffffL);
        vcpu.flags(flags());
        vcpu.put64(VcpuContext.RETIRED, vcpu.retired() + budget - remaining);
        if (result == Exit.EXCEPTION) {
            vcpu.put32(VcpuContext.EXIT_VECTOR, vector);
            vcpu.put32(VcpuContext.EXIT_ERROR, errorCode);
            vcpu.put64(VcpuContext.EXIT_CR2, faultAddress);
        }
    }
}
