package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.engine.Translator;
import xen.hw.x86smp.fpu.Fpu;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * One pCPU of tier 0: the run loop over decoded blocks, and the ways to leave it between two instructions of one. Called on the pCPU's
 * thread only.
 *
 * <p>Invariants: between two blocks {@link #rip} is the next instruction; {@link #next}, when set by a terminator, is its valid block in
 * the same page; an op that needs the loop's attention behind it sets {@link #limit} to 0. The budget is exact: a block that does not
 * fit is executed in part through its plain ops.
 */
public final class InterpreterCpu extends VcpuRun {
    public final Fpu fpu = new Fpu();
    private Machine.BlockTrace trace;
    private StoreHook hook;

    /** @param warm executions of a block until it gets better ops */
    public InterpreterCpu(int pcpu, MachineMemory memory, CodeCache code, CpuCallbacks callbacks, int warm) {
        super(pcpu, memory, code, callbacks, warm);
        code.register(this);
    }

    public void trace(Machine.BlockTrace t) { trace = t; }

    /** Puts a translator to work on this CPU, or null for tier 0 alone; between runs. Others may be dropping code meanwhile: they hold this lock. */
    public void engine(Translator translator) {
        synchronized (code) {
            if (tierOne != null) {
                tierOne.free();
            }
            tierOne = translator == null ? null : new TierOne(this, code, translator, concurrent);
        }
    }

    // Run

    @Override public int stepAlone(VcpuContext v) {
        alone = true;
        int result = run(v, 1);
        alone = false;
        return result;
    }

    @Override public int run(VcpuContext v, long budget) {
        begin(v, budget);
        int result;
        try {
            result = loop();
        } catch (RuntimeException | Error e) {
            // a bug of an engine's: the run is over all the same
            over();
            throw e;
        }
        if (tierOne != null) {
            tierOne.forget();
        }
        end(result);
        return result;
    }

    private int loop() {
        link = LINK_NONE;
        while (true) {
            Block b = next;
            int i = 0;
            Op[] ops = null;
            try {
                if (b == null) {
                    if (exit >= 0) {
                        return exit;
                    }
                    if (remaining == 0) {
                        return Exit.BUDGET;
                    }
                    if (slow()) {
                        int result = SlowRun.run(this);
                        if (result >= 0) {
                            return result;
                        }
                        continue;
                    }
                    b = find();
                    if (tierOne != null) {
                        tierOne.connect(b, rip);
                    }
                }
                int count = b.count;
                if (count > remaining || Raw.get32(regs + VcpuContext.ATTENTION) != 0) {
                    return cutShort(b);
                }
                if (tierOne != null && b.entry == 0) {
                    tierOne.heat(b);
                }
                if (trace != null) {
                    trace.block(vcpu, rip, count);
                } else if (b.entry != 0) {
                    i = tierOne.run(b);
                    if (i < 0) {
                        continue;
                    }
                    b = tierOne.block();
                    count = b.count;
                    if (i == 0 && count > remaining) {
                        return cutShort(b);
                    }
                }
                decoded(b);
                block = b;
                ops = i == 0 ? warmed(b) : b.plain;
                limit = ops.length;
                do {
                    ops[i].exec(this);
                    Raw.order();
                } while (++i < limit);
                if (limit == 0 && !behindOp(b, ops, i)) {
                    continue;
                }
                remaining -= count;
            } catch (GuestException e) {
                return fault(ops == null ? null : b, i);
            }
        }
    }

    /**
     * An op stopped the block: commits what it staged; true when the block was at its end all the same.
     */
    private boolean behindOp(Block b, Op[] ops, int executed) {
        if (staged()) {
            commitStaged(null);
        }
        if (executed == ops.length) {
            if (!b.valid) {
                next = null;
                link = LINK_NONE;
            }
            return true;
        }
        remaining -= executed;
        rip = page + b.off(executed);
        next = null;
        link = LINK_NONE;
        return false;
    }

    /** The budget ends inside the block, or attention was asked for in front of it. */
    private int cutShort(Block b) {
        return takeAttention() ? Exit.ATTENTION : partial(b, (int) remaining);
    }

    /** Executes the first {@code n} instructions of a block, fewer than it has or all. */
    private int partial(Block b, int n) {
        decoded(b);
        block = b;
        Op[] ops = b.plain;
        int i = 0;
        try {
            for (; i < n; i++) {
                limit = 1;
                ops[i].exec(this);
                if (limit == 0) {
                    if (staged() && !commitStaged(hook)) {
                        return refused();
                    }
                    if (!b.valid && i + 1 < n) {
                        remaining -= i + 1;
                        rip = page + b.off(i + 1);
                        next = null;
                        return loop();
                    }
                }
            }
        } catch (GuestException e) {
            return fault(b, i);
        }
        remaining -= n;
        if (n < b.count) {
            rip = page + b.off(n);
        } else if (ops.length > n) {
            ops[n].exec(this);
        }
        return exit >= 0 ? exit : Exit.BUDGET;
    }

    private int refused() {
        faultAddress = stagedVa();
        vector = VECTOR_PF;
        errorCode = 7;
        return EXCEPTION_REFUSED;
    }

    private static final int EXCEPTION_REFUSED = 100;

    /** Instruction {@code index} of a block, or (null) the fetch of one, faults. */
    private int fault(Block at, int index) {
        dropStaged();
        if (at != null) {
            rip = page + at.off(index);
            remaining -= index;
        }
        if (vector < 0) {
            vector = at != null && onStack(at.insns[index]) ? VECTOR_SS : VECTOR_GP;
        }
        return faultExit;
    }

    /** What faulted was the stack: a memory operand whose segment is SS, or rSP where the stack is used beside an operand elsewhere or alone. */
    private boolean onStack(Insn i) {
        boolean uses = OpFactory.usesStack(i);
        return i.mem < 0 ? uses : i.seg == VcpuContext.SS || uses && !canonicalStack();
    }

    // For SlowRun

    /** Executes one instruction: {@link Exit#BUDGET} when there is nothing more to say about it. */
    int one() {
        next = null;
        link = LINK_NONE;
        try {
            if (segmented) {
                checkedCodeLinear(rip - codeBase);
            }
            return partial(find(), 1);
        } catch (GuestException e) {
            return fault(null, 0);
        }
    }

    /** A debug exception between two instructions. */
    int debugTrap() {
        vector = VECTOR_DB;
        errorCode = 0;
        return Exit.EXCEPTION;
    }

    @Override public int stepWithStoreHook(VcpuContext v, long page, StoreHook storeHook) {
        begin(v, 1);
        link = LINK_NONE;
        hook = storeHook;
        hookPage = page & -4096L;
        tlb.drop(page, (int) tag);
        long before = rip;
        int result;
        try {
            saveRegisters();
            result = partial(find(), 1);
        } catch (GuestException e) {
            result = fault(null, 0);
        }
        hook = null;
        hookPage = -1;
        if (result == EXCEPTION_REFUSED) {
            restoreRegisters();
            rip = before;
            flags(v.flags());
            remaining = 1;
            result = Exit.EXCEPTION;
        }
        end(result);
        return result;
    }

    private final Raw.Area saved = Raw.allocate(VcpuContext.SIZE);

    private void saveRegisters() { Raw.copy(regs, saved.address(), VcpuContext.SIZE); }

    private void restoreRegisters() { Raw.copy(saved.address(), regs, VcpuContext.SIZE); }

    @Override public void contentChanged(int mfn) {
        if (code.hasCode(mfn)) {
            code.drop(mfn);
        }
    }

    @Override public void free() {
        super.free();
        engine(null);
        fpu.free();
        saved.free();
    }
}
