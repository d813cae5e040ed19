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
 *
 * <p>What the core says is true all the same is kept: the guest kernel's tag, without its entries in the lower half, and the tags of
 * the user spaces seen last, by the core's name for them. Odd tags are of kernel mode, even ones of user mode.
 */
abstract class AddressSpaces extends SlowAccess implements Cpu {
    /** Entries; those of one virtual page lie in one aligned run of 4096. */
    private static final int JUMP_CACHE = 4 * 4096;

    protected final int pcpu;
    protected final long[] jumpKeys = new long[JUMP_CACHE];
    protected final Block[] jumpBlocks = new Block[JUMP_CACHE];
    /** The faster engine, or null. */
    protected TierOne tierOne;
    /** The vCPU that is running, or null between runs. */
    protected VcpuContext vcpu;
    protected int tagKernel, tagUser;
    private int nextKernelTag = 1, nextUserTag = 2, epoch = 1;
    /** User spaces seen last, and their tags. */
    private final long[] spaces = new long[16];
    private final int[] spaceTags = new int[spaces.length];
    private int nextSpace;

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
        if (current(t)) {
            tagKernel = Raw.get32(t);
            tagUser = Raw.get32(t + 4);
        } else {
            newTags(regs);
        }
    }

    /** The tags at {@code t} were given by this CPU since it was flushed. */
    private boolean current(long t) { return Raw.get32(t + 8) == pcpu + 1 && Raw.get32(t + 12) == epoch; }

    private boolean tagsLeft() { return nextKernelTag <= Tlb.MAX_TAG && nextUserTag <= Tlb.MAX_TAG; }

    private void newTags(long regs) {
        if (!tagsLeft()) {
            recycleTags();
        }
        tagKernel = nextKernelTag;
        tagUser = nextUserTag;
        nextKernelTag += 2;
        nextUserTag += 2;
        long t = regs + VcpuContext.TLB_TAGS;
        Raw.put32(t, tagKernel);
        Raw.put32(t + 4, tagUser);
        Raw.put32(t + 8, pcpu + 1);
        Raw.put32(t + 12, epoch);
    }

    @Override public void rootChanged(VcpuContext v) { newTags(v.base); }

    @Override public void spaceChanged(VcpuContext v, int keep, long userSpace) {
        long t = v.base + VcpuContext.TLB_TAGS;
        if (!current(t) || !tagsLeft()) {
            newTags(v.base);
            remember(userSpace, Raw.get32(t + 4));
            return;
        }
        int kernel = Raw.get32(t);
        if ((keep & KEEP_UPPER) == 0 || (keep & KEEP_LOWER) == 0 && tlb.hasLowCode(kernel)) {
            Raw.put32(t, nextKernelTag);
            nextKernelTag += 2;
        } else if ((keep & KEEP_LOWER) == 0) {
            tlb.dropLow(kernel);
        }
        Raw.put32(t + 4, userTag(userSpace));
    }

    /** The tag under which the space is known, or a new one. */
    private int userTag(long space) {
        for (int i = 0; i < spaces.length; i++) {
            if (spaces[i] == space && space != 0) {
                return spaceTags[i];
            }
        }
        int tag = nextUserTag;
        nextUserTag += 2;
        remember(space, tag);
        return tag;
    }

    private void remember(long space, int tag) {
        if (space == 0) {
            return;
        }
        spaces[nextSpace] = space;
        spaceTags[nextSpace] = tag;
        nextSpace = nextSpace + 1 & spaces.length - 1;
    }

    @Override public void forgetFrame(int mfn) {
        if (code.hasCode(mfn)) {
            // jumps to it may be remembered under any address
            flushAll();
        } else {
            tlb.forget(memory.address(mfn));
        }
    }

    @Override public void flushPage(VcpuContext v, long va) {
        long t = v.base + VcpuContext.TLB_TAGS;
        if (!current(t)) {
            return;
        }
        tlb.drop(va, Raw.get32(t));
        tlb.drop(va, Raw.get32(t + 4));
        forgetJumps(va & -4096L);
    }

    /** Drops jump cache entries of one page under any tag. */
    private void forgetJumps(long pageVa) {
        if (!tlb.mayHaveExecuted(pageVa)) {
            return;
        }
        if (tierOne != null) {
            tierOne.forgetJumps(pageVa);
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
        newEpoch();
        if (!tagsLeft()) {
            recycleTags();
        }
        if (vcpu != null) {
            // out of a callback in the middle of a run
            adoptTags();
            tag = tagOf(vcpu);
        }
    }

    /** The tag of the vCPU's current mode; none that hits when its accesses have to be looked at. */
    protected final long tagOf(VcpuContext v) { return watching() ? Tlb.MISSES : v.userMode() ? tagUser : tagKernel; }

    private void recycleTags() {
        tlb.clear();
        if (tierOne != null) {
            tierOne.clearJumps();
        }
        newEpoch();
        nextKernelTag = 1;
        nextUserTag = 2;
        Arrays.fill(jumpKeys, 0);
        Arrays.fill(jumpBlocks, null);
    }

    private void newEpoch() {
        epoch++;
        Arrays.fill(spaces, 0);
    }

    @Override public long translate(VcpuContext v, long va, int access) {
        long t = v.base + VcpuContext.TLB_TAGS;
        if (current(t)) {
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
        long h = enter(va, r, access);
        if (vcpu != null) {
            tag = tagOf(vcpu);
        }
        if (access == WRITE && code.hasCode(memory.mfnOf(h))) {
            code.drop(memory.mfnOf(h));
        }
        return h;
    }
}
