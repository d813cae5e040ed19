package xen.hw.x86smp.exec;

import xen.hw.x86smp.mmu.PageWalker;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * A CPU's way to guest memory: TLB hit inline, everything else in the slow twins. Loads and stores of 1 to 8 bytes by virtual address;
 * {@link #rmw} gives a host address for read-modify-write, {@link #hostRead} and {@link #hostWrite} for wider operands.
 *
 * <p>What cannot be written in place (an operand across two pages, a page behind the store hook) is staged: the op works on a scratch
 * copy, {@link #limit} is set to 0 so that the run loop stops behind the op, and {@link #commitStaged} writes it.
 */
public abstract class GuestAccess {
    protected static final int VECTOR_DB = 1, VECTOR_SS = 12, VECTOR_GP = 13, VECTOR_PF = 14;

    protected final MachineMemory memory;
    protected final PageWalker walker;
    protected final CodeCache code;
    final Tlb tlb = new Tlb();
    private final long tlbBase = tlb.base;
    private final Raw.Area scratchArea = Raw.allocate(4096);
    private final long scratch = scratchArea.address();
    private final GuestException fault = new GuestException();
    /** Other CPUs run guest code at the same time. */
    protected final boolean concurrent;
    /** This instruction has the machine for itself. */
    protected boolean alone;

    /** Register file of the vCPU that is running. */
    public long regs;
    /** Address-space tag of its current mode; {@link Tlb#MISSES} while every access is looked at. */
    protected long tag;
    /** Compatibility mode with a code, data or stack segment that is not flat. */
    boolean segmented;
    /** Ops of the current block to execute; a slow path sets 0 to get control behind the current op. */
    protected int limit;
    /** Details of the exception being raised; {@link #faultExit} is what the run ends with. */
    protected int vector, errorCode, faultExit;
    protected long faultAddress;

    private long stagedVa;
    private int stagedSize;
    private long stagedHost1, stagedHost2;
    /** Page whose refused stores are staged for a hook; -1 = none. */
    protected long hookPage = -1;

    protected GuestAccess(MachineMemory memory, CodeCache code, boolean concurrent) {
        this.memory = memory;
        this.concurrent = concurrent;
        this.code = code;
        walker = new PageWalker(memory);
    }

    // Fast paths. INDEX_SHIFT is spelled out by javac's constant folding; each method is small enough to inline everywhere.

    public final int load8(long va) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        return (va & -4096L | tag) == Raw.get64(e) ? Raw.get8(va + Raw.get64(e + Tlb.ADDEND)) : (int) loadSlow(va, 1);
    }

    public final int load16(long va) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        return (va + 1 & -4096L | tag) == Raw.get64(e) ? Raw.get16(va + Raw.get64(e + Tlb.ADDEND)) : (int) loadSlow(va, 2);
    }

    /** Zero-extended. */
    public final long load32(long va) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        return (va + 3 & -4096L | tag) == Raw.get64(e) ? Raw.getU32(va + Raw.get64(e + Tlb.ADDEND)) : loadSlow(va, 4);
    }

    public final long load64(long va) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        return (va + 7 & -4096L | tag) == Raw.get64(e) ? Raw.get64(va + Raw.get64(e + Tlb.ADDEND)) : loadSlow(va, 8);
    }

    public final void store8(long va, int v) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        if ((va & -4096L | tag) == Raw.get64(e + Tlb.WRITE)) {
            Raw.put8(va + Raw.get64(e + Tlb.ADDEND), v);
        } else {
            storeSlow(va, 1, v);
        }
    }

    public final void store16(long va, int v) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        if ((va + 1 & -4096L | tag) == Raw.get64(e + Tlb.WRITE)) {
            Raw.put16(va + Raw.get64(e + Tlb.ADDEND), v);
        } else {
            storeSlow(va, 2, v);
        }
    }

    public final void store32(long va, int v) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        if ((va + 3 & -4096L | tag) == Raw.get64(e + Tlb.WRITE)) {
            Raw.put32(va + Raw.get64(e + Tlb.ADDEND), v);
        } else {
            storeSlow(va, 4, v);
        }
    }

    public final void store64(long va, long v) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        if ((va + 7 & -4096L | tag) == Raw.get64(e + Tlb.WRITE)) {
            Raw.put64(va + Raw.get64(e + Tlb.ADDEND), v);
        } else {
            storeSlow(va, 8, v);
        }
    }

    /**
     * Host address of an operand to read and then write, checked as a write (a refused access is a write fault, as on the silicon).
     * The op must write through this address before it ends. At most 64 bytes.
     */
    public final long rmw(long va, int size) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        return (va + size - 1 & -4096L | tag) == Raw.get64(e + Tlb.WRITE) ? va + Raw.get64(e + Tlb.ADDEND) : rmwSlow(va, size);
    }

    /** {@link #rmw} for a locked access, at most 8 bytes: compare-and-swap there is atomic, or the instruction waits until it runs alone. */
    public final long rmwLocked(long va, int size) {
        if (concurrent && ((va & 4095) + size > 4096 || !Raw.CAS_ANYWHERE && (va & size - 1) != 0)) {
            exclusive();
        }
        return rmw(va, size);
    }

    /** Ends the run in front of this instruction unless it runs alone already. */
    final void exclusive() {
        if (concurrent && !alone) {
            throw intercept(Exit.EXCLUSIVE);
        }
    }

    /** Host address of {@code size} (at most 64) readable bytes; a copy when they cross a page. Valid until the next access. */
    public final long hostRead(long va, int size) {
        long e = tlbBase + (va >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        return (va + size - 1 & -4096L | tag) == Raw.get64(e) ? va + Raw.get64(e + Tlb.ADDEND) : hostReadSlow(va, size);
    }

    /** Host address where {@code size} (at most 64) bytes will be stored completely by this op; contents before are undefined. */
    public final long hostWrite(long va, int size) { return rmw(va, size); }

    // Slow twins

    /** An access that may be watched is about to be made: checks that come before the page tables are looked at. */
    protected abstract void watch(long va, int size, boolean write);

    /** It can be made: checks and matches that come after. */
    protected abstract void watched(long va, int size, boolean write);

    private long loadSlow(long va, int size) {
        long h = hostReadSlow(va, size);
        return switch (size) {
            case 1 -> Raw.get8(h);
            case 2 -> Raw.get16(h);
            case 4 -> Raw.getU32(h);
            default -> Raw.get64(h);
        };
    }

    private void storeSlow(long va, int size, long v) {
        if ((va & 4095) + size > 4096 && (va & -4096L) != hookPage) {
            storeAcross(va, size, v);
            return;
        }
        long h = rmwSlow(va, size);
        switch (size) {
            case 1 -> Raw.put8(h, (int) v);
            case 2 -> Raw.put16(h, (int) v);
            case 4 -> Raw.put32(h, (int) v);
            default -> Raw.put64(h, v);
        }
    }

    /** A store over a page boundary: both pages are checked before either is written. */
    private void storeAcross(long va, int size, long v) {
        int first = 4096 - (int) (va & 4095);
        if (tag == Tlb.MISSES) {
            watch(va, size, true);
        }
        long next = across(va, first), a = host(va, Cpu.WRITE), b = host(next, Cpu.WRITE);
        if (tag == Tlb.MISSES) {
            watched(va, size, true);
        }
        noteWrite(a, first);
        noteWrite(b, size - first);
        for (int i = 0; i < size; i++) {
            Raw.put8(i < first ? a + i : b + i - first, (int) (v >>> 8 * i));
        }
    }

    /** Where the operand goes on behind the page: beyond the canonical addresses, or compatibility mode's 4 GiB, is #GP or #SS before any #PF. */
    private long across(long va, int first) {
        long next = va + first;
        if (next == 1L << 32 && segmented) {
            return 0;
        }
        if (next << 16 >> 16 != next || next == 1L << 32 && Raw.get32(regs + VcpuContext.LONG_MODE) == 0) {
            throw raise(-1, 0);
        }
        return next;
    }

    private long hostReadSlow(long va, int size) {
        return tag == Tlb.MISSES ? hostWatched(va, size, false) : readable(va, size);
    }

    private long hostWatched(long va, int size, boolean write) {
        watch(va, size, write);
        long h = write ? writable(va, size) : readable(va, size);
        watched(va, size, write);
        return h;
    }

    private long readable(long va, int size) {
        int first = 4096 - (int) (va & 4095);
        if (first >= size) {
            return host(va, Cpu.READ);
        }
        long next = across(va, first), a = host(va, Cpu.READ), b = host(next, Cpu.READ);
        Raw.copy(a, scratch + 128, first);
        Raw.copy(b, scratch + 128 + first, size - first);
        return scratch + 128;
    }

    private long rmwSlow(long va, int size) {
        return tag == Tlb.MISSES ? hostWatched(va, size, true) : writable(va, size);
    }

    private long writable(long va, int size) {
        if ((va & -4096L) == hookPage) {
            return stageForHook(va, size);
        }
        int first = 4096 - (int) (va & 4095);
        if (first >= size) {
            long h = host(va, Cpu.WRITE);
            noteWrite(h, size);
            return h;
        }
        long next = across(va, first), a = host(va, Cpu.WRITE), b = host(next, Cpu.WRITE);
        Raw.copy(a, scratch, first);
        Raw.copy(b, scratch + first, size - first);
        stage(va, size, a, b);
        return scratch;
    }

    private long stageForHook(long va, int size) {
        long h = host(va, Cpu.READ);
        if ((va & 4095) + size > 4096) {
            throw pageFault(va, 7);
        }
        Raw.copy(h, scratch, size);
        Raw.copy(h, scratch + 64, size);
        stage(va, size, 0, 0);
        return scratch;
    }

    private void stage(long va, int size, long host1, long host2) {
        stagedVa = va;
        stagedSize = size;
        stagedHost1 = host1;
        stagedHost2 = host2;
        limit = 0;
    }

    /** True when the op just executed left a staged store. */
    protected final boolean staged() { return stagedSize != 0; }

    /** Writes a staged store; false when the hook refused it. */
    protected final boolean commitStaged(Cpu.StoreHook hook) {
        int size = stagedSize;
        stagedSize = 0;
        if (stagedHost1 != 0) {
            int first = 4096 - (int) (stagedVa & 4095);
            noteWrite(stagedHost1, first);
            noteWrite(stagedHost2, size - first);
            Raw.copy(scratch, stagedHost1, first);
            Raw.copy(scratch + first, stagedHost2, size - first);
            return true;
        }
        for (int done = 0; done < size; ) {
            int n = Math.min(8, size - done);
            if (!hook.exchange(stagedVa + done, n, Loc.unsigned(scratch + 64 + done, n), Loc.unsigned(scratch + done, n))) {
                return false;
            }
            done += n;
        }
        return true;
    }

    protected final void dropStaged() { stagedSize = 0; }

    protected final long stagedVa() { return stagedVa; }

    /** A store is about to go to host address {@code h}, past the TLB: decoded code there is dropped. */
    final void noteWrite(long h, int size) {
        int mfn = memory.mfnOf(h);
        if (code.hasCode(mfn) && code.written(mfn, (int) (h - memory.base) & 4095, size)) {
            limit = 0;
        }
    }

    /** Translates, fills the TLB, raises the fault. */
    protected final long host(long va, int access) {
        long r = walker.walk(Raw.get64(regs + (Raw.get32(regs + VcpuContext.MODE) != 0 ? VcpuContext.USER_ROOT : VcpuContext.KERNEL_ROOT)),
                va, access);
        if (r < 0) {
            if (r == PageWalker.NON_CANONICAL) {
                throw raise(-1, 0);
            }
            throw pageFault(va, (int) r & 0xff);
        }
        return enter(va, r, access);
    }

    /** Enters a successful walk into the TLB; returns the host address of the byte. */
    protected final long enter(long va, long walked, int access) {
        long address = walked & PageWalker.ADDRESS_MASK;
        long hostPage = memory.base + (address & -4096L);
        if (tag == Tlb.MISSES) {
            return hostPage + (va & 4095);
        }
        boolean write = (walked & PageWalker.MAY_WRITE) != 0 && !code.hasCode((int) (address >>> 12));
        tlb.fill(va, (int) tag, hostPage, write, (walked & PageWalker.MAY_EXECUTE) != 0, access == Cpu.EXECUTE);
        if (concurrent && write) {
            // another CPU that decodes this frame publishes that first and then looks for this entry: one of us sees the other
            Raw.fullFence();
            if (code.hasCode((int) (address >>> 12))) {
                tlb.protectEntry(va);
            }
        }
        return hostPage + (va & 4095);
    }

    /** A write-protected frame begins to hold code. */
    final void protectCode(int mfn) { tlb.protect(memory.address(mfn)); }

    private GuestException pageFault(long va, int error) {
        faultAddress = va;
        return raise(VECTOR_PF, error);
    }

    /**
     * The exception to throw from an op. Vector -1 = non-canonical address: #SS or #GP by the op's segment.
     *
     * @param error error code, 0 for vectors without one
     */
    public final GuestException raise(int vector, int error) {
        this.vector = vector;
        this.errorCode = error;
        faultExit = Exit.EXCEPTION;
        return fault;
    }

    /** What to throw from an op that must not execute but ends the run with {@code exit}, its own address in RIP, not retired. */
    public final GuestException intercept(int exit) {
        faultExit = exit;
        return fault;
    }

    protected void free() {
        tlb.free();
        scratchArea.free();
    }
}
