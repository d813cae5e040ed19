package xen.hw.x86smp.exec;

import java.util.List;
import xen.hw.x86smp.engine.Surroundings;
import xen.hw.x86smp.engine.WideExchange;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * Where a CPU is in its guest's code, and how it finds the block of an address: the link of the block before, the jump cache, the code
 * cache, decoding.
 */
abstract class CodeLookup extends AddressSpaces implements Surroundings {
    /** How the terminator left: which link of {@link #block} the successor belongs in. */
    public static final int LINK_NONE = 0, LINK_FALL = 1, LINK_TAKEN = 2;
    private static final long COMPAT_KEY = Long.MIN_VALUE;

    /** Next instruction (set by terminators). */
    public long rip;
    /** Linear address of the page of the current block. */
    public long page;
    public Block block, next;
    public int link;
    /** 64-bit code segment. */
    public boolean longMode;

    private final BlockBuilder builder;

    /** @param warm executions of a block until it gets better ops */
    CodeLookup(int pcpu, MachineMemory memory, CodeCache code, boolean concurrent, int warm) {
        super(pcpu, memory, code, concurrent);
        builder = new BlockBuilder(code, warm);
    }

    /** The ops of a block that tier 0 runs from its start: better ones from the execution on that makes it warm. */
    final Op[] warmed(Block b) {
        int cold = b.cold;
        if (cold != 0) {
            b.cold = (byte) --cold;
            if (cold == 0) {
                builder.warm(b);
            }
        }
        return b.ops;
    }

    /** The code segment changed (far transfer): 64-bit or compatibility. */
    public final void codeMode(boolean is64) {
        longMode = is64;
        Raw.put32(regs + VcpuContext.LONG_MODE, is64 ? 1 : 0);
        segmentsChanged();
    }

    /** A descriptor cache that compatibility mode uses changed: the next instruction is found anew. */
    final void segmentsChanged() {
        segments(longMode);
        tag = tagOf(vcpu);
        limit = 0;
    }

    /** rSP points where a stack can be. In compatibility mode: not at the end of the segment. */
    final boolean canonicalStack() {
        long sp = Raw.get64(regs + StackOps.RSP);
        return longMode ? sp << 16 >> 16 == sp : (sp & 0xffff_ffffL) - 8 >= 0 && (sp & 0xffff_ffffL) <= 0xffff_fff8L;
    }

    /** From here on tier 0 needs the ops of {@code b}. */
    final void decoded(Block b) {
        if (b.plain == null) {
            builder.decode(b);
        }
    }

    /** The block for rip, by jump cache, code cache or decoding; links it to the block before when both share a page. */
    final Block find() {
        Block from = block;
        int how = link;
        link = LINK_NONE;
        long linear = rip;
        long oldPage = page;
        Block b = lookup(linear);
        page = linear & -4096L;
        Raw.put64(regs + Ea.PAGE, page);
        if (how != LINK_NONE && from.valid && b.crossFrame < 0 && oldPage == page && b.valid) {
            if (how == LINK_FALL) {
                from.fall = b;
            } else {
                from.taken = b;
            }
        }
        return b;
    }

    private Block lookup(long va) {
        long key = (va << 12 | tag) ^ (longMode ? 0 : COMPAT_KEY);
        int slot = jumpSlot(va);
        if (jumpKeys[slot] == key) {
            Block b = jumpBlocks[slot];
            if (b.valid) {
                return b;
            }
        }
        return lookupSlow(va, key, slot);
    }

    private Block lookupSlow(long va, long key, int slot) {
        long h = hostExecute(va);
        int mfn = memory.mfnOf(h);
        int off = (int) va & 4095;
        Block b = code.find(mfn, off, longMode);
        if (b == null || b.crossFrame >= 0) {
            b = builder.build((InterpreterCpu) this, h, mfn, va, b);
        }
        if (b.crossFrame < 0 && tag != Tlb.MISSES) {
            jumpKeys[slot] = key;
            jumpBlocks[slot] = b;
        }
        return b;
    }

    /** As far as the TLB says where that is. */
    @Override public final Block at(int off) {
        long va = page + off, e = tlb.entry(va);
        return Raw.get64(e + Tlb.EXECUTE) == (va & -4096L | tag) ? code.find(memory.mfnOf(va + Raw.get64(e + Tlb.ADDEND)), (int) va & 4095, longMode) : null;
    }

    @Override public final boolean concurrent() { return concurrent; }

    /** Host address of code bytes. */
    final long hostExecute(long va) {
        long e = tlb.entry(va);
        if (Raw.get64(e + Tlb.EXECUTE) == (va & -4096L | tag)) {
            return va + Raw.get64(e + Tlb.ADDEND);
        }
        return host(va, EXECUTE);
    }

    /** What does CMPXCHG16B atomically against all CPUs, or null. */
    final WideExchange wideExchange() { return tierOne == null ? null : tierOne.wideExchange(); }

    /** The translations of these blocks were dropped; any thread, with the code cache's lock held. */
    final void forgetTranslatedJumps(List<Block> dropped) {
        if (tierOne != null) {
            tierOne.forgetHosts(dropped);
            Raw.fullFence();
            tierOne.clearJumps();
        }
    }

    /** All translations were dropped; any thread, with the code cache's lock held. */
    final void clearTranslatedJumps() {
        if (tierOne != null) {
            tierOne.clearHosts();
            Raw.fullFence();
            tierOne.clearJumps();
        }
    }
}
