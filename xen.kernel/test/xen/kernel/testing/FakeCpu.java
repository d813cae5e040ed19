package xen.kernel.testing;

import java.util.ArrayDeque;
import java.util.Deque;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * A CPU that plays a script: each {@link #run} takes the next step, or uses up its budget when there is none. Translation walks the real
 * page tables of the vCPU's current root as a user access (A and D bits set), or maps va to the same machine address ({@link #identity}).
 */
public final class FakeCpu implements Cpu {
    /** One run: changes the context as guest code would and returns the exit. */
    @FunctionalInterface
    public interface Step {
        int run(VcpuContext vcpu, long budget);
    }

    /** What {@link #stepWithStoreHook} shall do. */
    @FunctionalInterface
    public interface StoreStep {
        int run(VcpuContext vcpu, long page, StoreHook hook);
    }

    public final Deque<Step> script = new ArrayDeque<>();
    public StoreStep storeStep = (v, page, hook) -> Exit.BUDGET;
    /** When set, va = machine address for every root; pages in {@link #refused} do not translate. */
    public boolean identity;
    public final java.util.Set<Long> refused = new java.util.HashSet<>();
    public int flushes, rootChanges, pageFlushes;
    /** Frames forgotten one by one. */
    public final java.util.List<Integer> forgotten = new java.util.ArrayList<>();
    public final java.util.List<Integer> contentChanges = new java.util.ArrayList<>();
    /** Follows what the core says about translations. */
    public final HoardingTlb tlb;
    private final MachineMemory memory;

    public FakeCpu(MachineMemory memory) {
        this.memory = memory;
        tlb = new HoardingTlb(memory);
    }

    @Override public int run(VcpuContext vcpu, long budget) {
        Step s = script.poll();
        if (s != null) {
            return s.run(vcpu, budget);
        }
        retire(vcpu, budget);
        if (vcpu.get32(VcpuContext.ATTENTION) != 0) {
            vcpu.put32(VcpuContext.ATTENTION, 0);
            return Exit.ATTENTION;
        }
        return Exit.BUDGET;
    }

    /** Counts {@code n} instructions as retired. */
    public static void retire(VcpuContext vcpu, long n) { vcpu.put64(VcpuContext.RETIRED, vcpu.get64(VcpuContext.RETIRED) + n); }

    /** A step that retires {@code instructions} and then leaves with {@code exit}. */
    public static Step exit(int exit, long instructions) {
        return (v, budget) -> {
            retire(v, Math.min(instructions, budget));
            return exit;
        };
    }

    /** A hypercall: SYSCALL with the number and arguments in their registers. */
    public static Step hypercall(int number, long... args) {
        int[] reg = {VcpuContext.RDI, VcpuContext.RSI, VcpuContext.RDX, 10, 8};
        return (v, budget) -> {
            v.gpr(VcpuContext.RAX, number);
            for (int i = 0; i < args.length; i++) {
                v.gpr(reg[i], args[i]);
            }
            retire(v, 1);
            v.rip(v.rip() + 2);
            return Exit.SYSCALL;
        };
    }

    /** An exception at the current RIP. */
    public static Step exception(int vector, int error, long cr2) {
        return (v, budget) -> {
            v.put32(VcpuContext.EXIT_VECTOR, vector);
            v.put32(VcpuContext.EXIT_ERROR, error);
            v.put64(VcpuContext.EXIT_CR2, cr2);
            return Exit.EXCEPTION;
        };
    }

    @Override public int stepWithStoreHook(VcpuContext vcpu, long page, StoreHook hook) { return storeStep.run(vcpu, page, hook); }

    @Override public void rootChanged(VcpuContext vcpu) {
        rootChanges++;
        tlb.rootChanged(vcpu);
    }

    @Override public void spaceChanged(VcpuContext vcpu, int keep, long userSpace) {
        rootChanges++;
        tlb.spaceChanged(vcpu, keep, userSpace);
    }

    @Override public void flushPage(VcpuContext vcpu, long va) {
        pageFlushes++;
        tlb.flushPage(vcpu, va);
    }

    @Override public void forgetFrame(int mfn) {
        forgotten.add(mfn);
        tlb.forgetFrame(mfn);
    }

    @Override public void flushAll() {
        flushes++;
        tlb.flushAll();
    }

    @Override public void contentChanged(int mfn) { contentChanges.add(mfn); }

    @Override public long translate(VcpuContext vcpu, long va, int access) {
        if (refused.contains(va >>> 12)) {
            return -1;
        }
        if (identity) {
            return va >= 0 && va < memory.bytes() ? memory.base + va : -1;
        }
        return walk(vcpu.root(), va, access);
    }

    private long walk(long root, long va, int access) {
        if (root == 0 || !memory.valid(root) || va << 16 >> 16 != va) {
            return -1;
        }
        long rights = -1;
        long nx = 0;
        long table = root;
        for (int level = 4;; level--) {
            long slot = memory.address(table) + (va >>> 12 + 9 * (level - 1) & 511) * 8;
            long pte = Raw.get64(slot);
            rights &= pte;
            nx |= pte >>> 63;
            boolean leaf = level == 1 || level == 2 && (pte & 0x80) != 0;
            if ((pte & 1) == 0 || leaf && ((rights & 4) == 0 || access == WRITE && (rights & 2) == 0 || access == EXECUTE && nx != 0)) {
                return -1;
            }
            Raw.put64(slot, pte | 0x20 | (leaf && access == WRITE ? 0x40 : 0));
            long frame = (pte & 0x000f_ffff_ffff_f000L) >>> 12;
            if (leaf) {
                long offset = va & (level == 1 ? 0xfff : 0x1f_ffff);
                return memory.valid(frame) ? memory.address(frame & (level == 1 ? -1 : -512)) + offset : -1;
            }
            table = frame;
        }
    }
}
