package xen.hw.x86smp.exec;

import java.util.Arrays;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * A CPU's cached translations of all vCPUs that ran on it: two TLB tags a vCPU, the jump cache from address to block, and what flushing
 * means for them. Nothing is searched when an address space changes: new tags make what is entered under the old ones unreachable.
 */
abstract class AddressSpaces extends LazyFlags implements Cpu {
    /** Entries; those of one virtual page lie in one aligned run of 4096. */
    private static final int JUMP_CACHE = 4 * 4096;

    protected final int pcpu;
    protected final long[] jumpKeys = new long[JUMP_CACHE];
    protected final Block[] jumpBlocks = new Block[JUMP_CACHE];
    /** Bit per virtual page number modulo 4096: the jump cache may hold something of it. Most flushed pages are data. */
    protected final long[] jumpPages = new long[64];
    /** The faster engine, or null. */
    protected TierOne tierOne;
    /** The vCPU that is running, or null between runs. */
    protected VcpuContext vcpu;
    protected int tagKernel, tagUser;
    private int nextTag = 1, epoch = 1;

    protected AddressSpaces(int pcpu, MachineMemory memory, CodeCache code, boolean concurrent) {
        super(memory, code, concurrent);
        this.pcpu = pcpu;
    }

    protected static int jumpSlot(long va) {
        int page = (int) (va >>> 12);
        return ((int) va ^ page) & 4095 | (page & 3) << 12;
    }

    /** The vCPU keeps its two tags while it comes back to the same CPU and that CPU was not flushed. */
    protected final void adoptTags() {
        long t = regs + VcpuContext.TLB_TAGS;
        if (Raw.get32(t + 8) == pcpu + 1 && Raw.get32(t + 12) == epoch) {
            tagKernel = Raw.get32(t);
            tagUser = Raw.get32(t + 4);
        } else {
            newTags(regs);
        }
    }

    private void newTags(long regs) {
        if (nextTag + 1 > Tlb.MAX_TAG) {
            recycleTags();
        }
        tagKernel = nextTag++;
        tagUser = nextTag++;
        long t = regs + VcpuContext.TLB_TAGS;
        Raw.put32(t, tagKernel);
        Raw.put32(t + 4, tagUser);
        Raw.put32(t + 8, pcpu + 1);
        Raw.put32(t + 12, epoch);
    }

    @Override public void rootChanged(VcpuContext v) { newTags(v.base); }

    @Override public void flushPage(VcpuContext v, long va) {
        long t = v.base + VcpuContext.TLB_TAGS;
        if (Raw.get32(t + 8) != pcpu + 1 || Raw.get32(t + 12) != epoch) {
            return;
        }
        tlb.drop(va, Raw.get32(t));
        tlb.drop(va, Raw.get32(t + 4));
        forgetJumps(va & -4096L);
    }

    /** Drops jump cache entries of one page under any tag. */
    private void forgetJumps(long pageVa) {
        if (tierOne != null) {
            tierOne.forgetJumps(pageVa);
        }
        if ((jumpPages[(int) (pageVa >>> 18) & 63] >>> (pageVa >>> 12) & 1) == 0) {
            return;
        }
        long want = pageVa << 12;
        for (int i = jumpSlot(pageVa) & -4096, end = i + 4096; i < end; i++) {
            if ((jumpKeys[i] & -4096L << 12 & Long.MAX_VALUE) == (want & Long.MAX_VALUE)) {
                jumpKeys[i] = 0;
                jumpBlocks[i] = null;
            }
        }
    }

    /** Every vCPU gets new tags when it comes back; what is entered under the old ones can not match any more. */
    @Override public void flushAll() {
        epoch++;
        if (nextTag > Tlb.MAX_TAG - 2) {
            recycleTags();
        }
        if (vcpu != null) {
            // out of a callback in the middle of a run
            adoptTags();
            tag = vcpu.userMode() ? tagUser : tagKernel;
        }
    }

    private void recycleTags() {
        tlb.clear();
        if (tierOne != null) {
            tierOne.clearJumps();
        }
        epoch++;
        nextTag = 1;
        Arrays.fill(jumpKeys, 0);
        Arrays.fill(jumpBlocks, null);
        Arrays.fill(jumpPages, 0);
    }

    @Override public long translate(VcpuContext v, long va, int access) {
        long t = v.base + VcpuContext.TLB_TAGS;
        if (Raw.get32(t + 8) == pcpu + 1 && Raw.get32(t + 12) == epoch) {
            long e = tlb.entry(va);
            long want = va & -4096L | Raw.get32(t + (v.userMode() ? 4 : 0));
            if (Raw.get64(e + (access == WRITE ? Tlb.WRITE : access == EXECUTE ? Tlb.EXECUTE : Tlb.READ)) == want) {
                return va + Raw.get64(e + Tlb.ADDEND);
            }
        }
        return translateSlow(v, va, access);
    }

    private long translateSlow(VcpuContext v, long va, int access) {
        long r = walker.walk(v.root(), va, access);
        if (r < 0) {
            return -1;
        }
        regs = v.base;
        adoptTags();
        tag = v.userMode() ? tagUser : tagKernel;
        long h = enter(va, r);
        if (access == WRITE && code.hasCode(memory.mfnOf(h))) {
            code.drop(memory.mfnOf(h));
        }
        return h;
    }
}
