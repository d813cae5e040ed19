package xen.hw.x86smp.exec;

import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.Translator;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * One CPU's side of a faster engine: the frame, the jump cache and the way in and out. Blocks get hot in tier 0, are translated, and are
 * entered here; every exit says with which instruction tier 0 goes on. Used on the CPU's thread.
 */
final class TierOne {
    private final InterpreterCpu cpu;
    private final CodeCache code;
    private final Translator translator;
    private final int threshold;
    private final Raw.Area area = Raw.allocate(4096 + EngineFrame.JUMPS * 16L);
    private final long frame = area.address();
    private final long jumps = frame + 4096;
    /** Where translated code was left by a jump that is not connected yet. */
    private ExitPoint left;
    /** Block that tier 0 goes on in. */
    private Block block;

    TierOne(InterpreterCpu cpu, CodeCache code, Translator translator) {
        this.cpu = cpu;
        this.code = code;
        this.translator = translator;
        threshold = translator.threshold();
        Raw.zero(frame, 4096);
        clearJumps();
    }

    /** Counts an execution of {@code b} in tier 0. */
    void heat(Block b) {
        if (++b.heat == threshold && b.longMode && b.crossFrame < 0) {
            code.translate(b, translator);
        }
    }

    /**
     * Runs translated code from {@code b}.
     *
     * @return the instruction of {@link #block} to go on with, or -1: the CPU's rip is the next instruction
     */
    int run(Block b) {
        long f = frame;
        Raw.put64(f + EngineFrame.FILE, cpu.regs);
        Raw.put64(f + EngineFrame.TLB, cpu.tlb.base);
        Raw.put64(f + EngineFrame.TAG, cpu.tag);
        Raw.put64(f + EngineFrame.PAGE, cpu.page);
        Raw.put64(f + EngineFrame.BUDGET, cpu.remaining);
        Raw.put64(f + EngineFrame.JUMP_CACHE, jumps);
        long flags = cpu.arithmetic();
        Raw.put64(f + EngineFrame.FLAGS, (flags & 0xff) << 8 | flags >>> 11 & 1);
        ExitPoint exit = translator.exit(translator.run(f, b.entry));
        long out = Raw.get64(f + EngineFrame.FLAGS);
        cpu.fk = LazyFlags.RAW;
        cpu.fr = out >>> 8 & (LazyFlags.ARITHMETIC & 0xff) | (out & 1) << 11;
        cpu.link = InterpreterCpu.LINK_NONE;
        cpu.next = null;
        block = (Block) exit.block();
        int index = exit.index();
        left = exit.site() != 0 ? exit : null;
        if (index < 0) {
            cpu.remaining = Raw.get64(f + EngineFrame.BUDGET);
            cpu.rip = Raw.get64(f + EngineFrame.RIP);
            return -1;
        }
        // counted as if the whole block were still to come: tier 0 subtracts by instruction number
        cpu.remaining = Raw.get64(f + EngineFrame.BUDGET) + block.insns.length;
        cpu.page = Raw.get64(f + EngineFrame.PAGE);
        Raw.put64(cpu.regs + Ea.PAGE, cpu.page);
        cpu.rip = cpu.page + block.insns(index);
        return index;
    }

    Block block() { return block; }

    /** The jump that left translated code leads to {@code to}: connects it, so that it does not leave again. */
    void connect(Block to, long rip) {
        ExitPoint from = left;
        left = null;
        if (from == null || to.entry == 0 || !to.valid || to.crossFrame >= 0) {
            return;
        }
        if (from.site() != ExitPoint.BY_CACHE) {
            code.link(from, to, translator);
        } else {
            long slot = jumps + EngineFrame.jumpSlot(rip) * 16L;
            Raw.put64(slot, rip << 12 | cpu.tag);
            Raw.put64(slot + 8, to.entry);
        }
    }

    /** The run ended: a jump that was left open stays so. */
    void forget() { left = null; }

    void clearJumps() { Raw.fill(jumps, EngineFrame.JUMPS * 16L, 0xff); }

    /** Drops the jumps to one page, under any tag. Their slots are one aligned run of 4096, in some order. */
    void forgetJumps(long page) {
        int first = EngineFrame.jumpSlot(page) & -4096;
        for (long s = jumps + first * 16L, end = s + 4096 * 16; s < end; s += 16) {
            if ((Raw.get64(s) ^ page << 12) >>> 24 == 0) {
                Raw.put64(s, -1);
            }
        }
    }

    void free() { area.free(); }
}
