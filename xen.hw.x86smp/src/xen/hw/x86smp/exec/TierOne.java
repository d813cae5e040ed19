package xen.hw.x86smp.exec;

import java.util.List;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.KeptTranslations;
import xen.hw.x86smp.engine.Translator;
import xen.hw.x86smp.engine.WideExchange;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Raw;

/**
 * One CPU's side of a faster engine: the frame, the jump cache and the way in and out. Blocks get hot in tier 0, are translated, and are
 * entered here; every exit says with which instruction tier 0 goes on. Used on the CPU's thread.
 */
final class TierOne {
    private final InterpreterCpu cpu;
    private final CodeCache code;
    private final Translator translator;
    private final int threshold;
    private final WideExchange wide;
    /** Null: there are none. */
    private final KeptTranslations kept;
    /** Of the page that is being adopted: one block an offset at most. */
    private final int[] adopted = new int[4096];
    private int adoptedCount;
    /** Instructions without a look at the attention word: others may wait for this CPU to leave its guest. */
    private final long slice;
    private final boolean concurrent;
    private final Raw.Area area = Raw.allocate(4096 + (EngineFrame.JUMPS + EngineFrame.HOSTS) * 16L);
    private final long frame = area.address();
    private final long jumps = frame + 4096;
    private final long hosts = jumps + EngineFrame.JUMPS * 16L;
    /** Where translated code was left by a jump that is not connected yet. */
    private ExitPoint left;
    /** Block that tier 0 goes on in. */
    private Block block;

    private static final long SHARED_SLICE = 20_000;

    TierOne(InterpreterCpu cpu, CodeCache code, Translator translator, boolean concurrent) {
        this.concurrent = concurrent;
        slice = concurrent ? SHARED_SLICE : Long.MAX_VALUE;
        this.cpu = cpu;
        this.code = code;
        this.translator = translator;
        threshold = translator.threshold();
        wide = translator.wideExchange();
        kept = translator.kept();
        if (!concurrent) {
            code.kept(kept);
        }
        Raw.zero(frame, 4096);
        Raw.put64(frame + EngineFrame.MEMORY, cpu.memory.base);
        Raw.put64(frame + EngineFrame.MEMORY_BYTES, cpu.memory.bytes());
        Raw.put64(frame + EngineFrame.CODE_MAP, code.map());
        Raw.put64(frame + EngineFrame.CONCURRENT, concurrent ? 1 : 0);
        Raw.put64(frame + EngineFrame.LASTING, cpu.callbacks.lastingSelectors());
        Raw.put64(frame + EngineFrame.TLB, cpu.tlb.base);
        Raw.put64(frame + EngineFrame.JUMP_CACHE, jumps);
        Raw.put64(frame + EngineFrame.HOST_CACHE, hosts);
        clearJumps();
        clearHosts();
        translator.begin(frame, new Steps(cpu, frame));
    }

    /** A run begins: what stays the same until it ends. */
    void begin() {
        Raw.put64(frame + EngineFrame.FILE, cpu.regs);
        long root = cpu.vcpu().root();
        Raw.put64(frame + EngineFrame.ROOT, cpu.memory.valid(root) ? cpu.memory.address(root) : 0);
        int rate = cpu.callbacks.tscRate();
        Raw.put64(frame + EngineFrame.TSC_RATE, rate);
        if (rate != 0) {
            Raw.put64(frame + EngineFrame.TSC_BASE, cpu.callbacks.tsc(cpu.vcpu(), 0));
        }
    }

    /**
     * A block that the engine knows from an earlier run, or null. What else it knows of this page comes with it, so that the page is not left again for
     * each of its blocks.
     */
    Block known(long host, int mfn, int off) {
        int n = kept == null ? -1 : kept.find(host, off);
        if (n < 0) {
            return null;
        }
        Block b = adopt(n, mfn, host - off);
        for (int m = kept.beside(n); m != n; m = kept.beside(m)) {
            if (code.find(mfn, kept.off(m), true) == null && kept.fits(m, host - off)) {
                adopt(m, mfn, host - off);
                adopted[adoptedCount++] = m;
            }
        }
        kept.connect(n);
        while (adoptedCount > 0) {
            kept.connect(adopted[--adoptedCount]);
        }
        return b;
    }

    private Block adopt(int n, int mfn, long page) {
        Block b = new Block(kept.instructions(n), kept.off(n), kept.bytes(n));
        code.adopt(mfn, b, n, kept);
        remember(page + b.off, b.entry);
        return b;
    }

    /** Counts an execution of {@code b} in tier 0. */
    void heat(Block b) {
        cpu.decoded(b);
        if (++b.heat == threshold && b.longMode && (b.crossFrame < 0 || translator.takesCrossing())) {
            code.translate(b, translator, cpu);
        }
    }

    /**
     * Runs translated code from {@code b}.
     *
     * @return the instruction of {@link #block} to go on with, or -1: the CPU's rip is the next instruction
     */
    int run(Block b) {
        // read once: another CPU may drop the translation now, which can still be run, once more
        long entry = b.entry;
        block = b;
        if (entry == 0) {
            return 0;
        }
        long f = frame;
        long grant = Math.min(cpu.remaining, slice), rest = cpu.remaining - grant;
        Raw.put64(f + EngineFrame.TAG, cpu.tag);
        Raw.put64(f + EngineFrame.PAGE, cpu.page);
        Raw.put64(f + EngineFrame.BUDGET, grant);
        Raw.put64(f + EngineFrame.TSC_START, cpu.budget - rest);
        Raw.put64(f + EngineFrame.OTHER, cpu.other);
        long flags = cpu.arithmetic();
        Raw.put64(f + EngineFrame.FLAGS, (flags & 0xff) << 8 | flags >>> 11 & 1);
        ExitPoint exit = translator.exit(translator.run(f, entry));
        long out = Raw.get64(f + EngineFrame.FLAGS);
        cpu.other = Raw.get64(f + EngineFrame.OTHER);
        cpu.fk = LazyFlags.RAW;
        cpu.fr = out >>> 8 & (LazyFlags.ARITHMETIC & 0xff) | (out & 1) << 11;
        cpu.link = InterpreterCpu.LINK_NONE;
        cpu.next = null;
        block = (Block) exit.block();
        int index = exit.index();
        long site = exit.site();
        left = site != 0 ? exit : null;
        if (index < 0) {
            cpu.remaining = rest + Raw.get64(f + EngineFrame.BUDGET);
            cpu.rip = Raw.get64(f + EngineFrame.RIP);
            if (site == ExitPoint.SYSTEM_CALL) {
                left = null;
                cpu.leave(Exit.SYSCALL);
            }
            return -1;
        }
        // counted as if the whole block were still to come: tier 0 subtracts by instruction number
        cpu.remaining = rest + Raw.get64(f + EngineFrame.BUDGET) + block.count;
        cpu.page = Raw.get64(f + EngineFrame.PAGE);
        Raw.put64(cpu.regs + Ea.PAGE, cpu.page);
        cpu.decoded(block);
        cpu.rip = cpu.page + block.off(index);
        return index;
    }

    Block block() { return block; }

    /** The jump that left translated code leads to {@code to}: connects it, so that it does not leave again. */
    void connect(Block to, long rip) {
        ExitPoint from = left;
        left = null;
        if (from == null) {
            return;
        }
        long entry = to.entry;
        if (entry == 0 || !to.valid) {
            return;
        }
        if (from.site() != ExitPoint.BY_CACHE) {
            code.link(from, to, translator);
        } else {
            long slot = jumps + EngineFrame.jumpSlot(rip) * 16L;
            Raw.put64(slot + 8, entry);
            Raw.put64(slot, rip << 12 | cpu.tag);
            long hostSlot = remember(cpu.hostExecute(rip), entry);
            if (concurrent) {
                // who drops the translation clears its entry first and then this cache: one of us sees the other
                Raw.fullFence();
                if (to.entry != entry) {
                    Raw.put64(slot, -1);
                    Raw.put64(hostSlot, -1);
                }
            }
        }
    }

    /** Into the host cache; returns the slot. */
    private long remember(long host, long entry) {
        long slot = hosts + EngineFrame.hostSlot(host) * 16L;
        Raw.put64(slot + 8, entry);
        Raw.put64(slot, host);
        return slot;
    }

    /** The run ended: a jump that was left open stays so. */
    void forget() { left = null; }

    /** Also by other CPUs while translated code runs, so only the keys go: a target in use stays one. */
    void clearJumps() {
        if (!concurrent) {
            Raw.fill(jumps, EngineFrame.JUMPS * 16L, 0xff);
            return;
        }
        for (long s = jumps, end = s + EngineFrame.JUMPS * 16L; s < end; s += 16) {
            Raw.put64(s, -1);
        }
    }

    /** Before {@link #clearJumps} when a translation is dropped: translated code copies from here into the jump cache. */
    void clearHosts() {
        for (long s = hosts, end = s + EngineFrame.HOSTS * 16L; s < end; s += 16) {
            Raw.put64(s, -1);
        }
    }

    /** The translations of these blocks were dropped; before {@link #clearJumps}, which takes them from the host cache again. */
    void forgetHosts(List<Block> dropped) {
        for (Block b : dropped) {
            long host = b.host(), slot = hosts + EngineFrame.hostSlot(host) * 16L;
            if (Raw.get64(slot) == host) {
                Raw.put64(slot, -1);
            }
        }
    }

    /** Null when the engine has none. */
    WideExchange wideExchange() { return wide; }

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
