package xen.kernel.trap;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.Counters;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.HypercallFrame;
import xen.kernel.hypercall.HypercallTable;

/**
 * What the guest told the core about this vCPU's traps: trap table, callbacks, kernel stack, segments, virtual control registers.
 * Changed by hypercalls of the vCPU itself or before it comes up, under the core's lock.
 */
public final class TrapState {
    public static final int VECTORS = 256;
    /** Frames that a guest GDT can have: the 14 pages below Xen's own entries. */
    public static final int GDT_FRAMES = 14;

    private final VcpuImpl vcpu;
    /** Trap table: handler address (0 = none), code selector, flags (bits 0-1 DPL, bit 2 masks events). */
    public final long[] handler = new long[VECTORS];
    public final int[] handlerCs = new int[VECTORS];
    public final int[] handlerFlags = new int[VECTORS];
    /** Callbacks; 0 = none. */
    public long eventCallback, failsafeCallback, syscallCallback, syscall32Callback, sysenterCallback, nmiCallback;
    public boolean syscallMasks, syscall32Masks, sysenterMasks, failsafeMasks;
    /** Kernel stack for entries from user mode (stack_switch). */
    public long kernelSp;
    public int kernelSs;
    /** The guest's view of control registers. */
    public long cr0, cr4;
    /** I/O privilege level of the guest kernel (PHYSDEVOP_set_iopl), 0 to 3. */
    public int iopl;
    /** GDT as set by set_gdt and LDT as set by MMUEXT_SET_LDT: written by the memory part. */
    public final long[] gdtFrames = new long[GDT_FRAMES];
    public int gdtEntries;
    public long ldtBase;
    public int ldtEntries;
    /** True once VCPUOP_initialise or the builder gave it a start state. */
    public boolean initialised;
    /** Frames reused for every hypercall and every multicall entry. */
    public final HypercallFrame call, multicall;
    final Counters.Counter[] callCounts = new Counters.Counter[HypercallTable.SIZE];

    public TrapState(VcpuImpl vcpu) {
        this.vcpu = vcpu;
        call = new HypercallFrame(vcpu);
        multicall = new HypercallFrame(vcpu);
    }

    /** Guest kernel to guest user or back: root and TLB tag follow MODE, GS bases are swapped; nothing is flushed. */
    public void toggleMode() {
        long b = vcpu.context.base;
        Raw.put32(b + VcpuContext.MODE, Raw.get32(b + VcpuContext.MODE) ^ 1);
        long gs = Raw.get64(b + VcpuContext.GS_BASE);
        Raw.put64(b + VcpuContext.GS_BASE, Raw.get64(b + VcpuContext.GS_BASE_OTHER));
        Raw.put64(b + VcpuContext.GS_BASE_OTHER, gs);
    }
}
