package xen.kernel.save;

import static xen.kernel.api.hw.VcpuContext.ENGINE;
import static xen.kernel.api.hw.VcpuContext.FCW;
import static xen.kernel.api.hw.VcpuContext.KERNEL_ROOT;
import static xen.kernel.api.hw.VcpuContext.TLB_TAGS;
import static xen.kernel.api.hw.VcpuContext.TSC_AUX;
import static xen.kernel.api.hw.VcpuContext.USER_ROOT;
import static xen.kernel.api.hw.VcpuContext.VEC;
import static xen.kernel.api.hw.VcpuContext.VEC_STRIDE;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;
import xen.kernel.cpuid.CpuidPolicy;
import xen.kernel.trap.VcpuInitialise;

/** The architectural part of a vCPU's context; what machine and engine cache there is left away. */
final class VcpuRegisters {
    private static final int[][] RANGES = {{0, TLB_TAGS}, {TSC_AUX, ENGINE}, {FCW, VEC + 16 * VEC_STRIDE}};
    private static final int MXCSR_MASK = 0xffff, XCR0_AVX = 6, XCR0_YMM = 4;

    private VcpuRegisters() {}

    private static int size() {
        int n = 0;
        for (int[] r : RANGES) {
            n += r[1] - r[0];
        }
        return n;
    }

    static void capture(VcpuImpl v, StateWriter w) {
        byte[] all = new byte[size()];
        int at = 0;
        for (int[] r : RANGES) {
            Raw.get(v.context.base + r[0], all, at, r[1] - r[0]);
            at += r[1] - r[0];
        }
        w.part("registers").raw(all).i64(v.context.get64(KERNEL_ROOT)).i64(v.context.get64(USER_ROOT));
    }

    /** Registers as the guest could have made them itself; roots with the references that a load takes. */
    static void restore(VcpuImpl v, StateReader r) {
        r.part("registers");
        byte[] all = r.raw("registers", size());
        if (all.length != size()) {
            throw r.refused(all.length + " bytes of registers, not " + size());
        }
        VcpuContext c = v.context;
        int at = 0;
        for (int[] range : RANGES) {
            Raw.put(c.base + range[0], all, at, range[1] - range[0]);
            at += range[1] - range[0];
        }
        c.put64(KERNEL_ROOT, 0);
        c.put64(USER_ROOT, 0);
        long kernel = r.frame("kernel root", true), user = r.frame("user root", true);
        if (kernel != 0 && !v.domain.memory.setRoot(v, kernel, false) || user != 0 && !v.domain.memory.setRoot(v, user, true)) {
            throw r.refused("a root is no valid page table of level 4");
        }
        mask(v, r);
    }

    private static void mask(VcpuImpl v, StateReader r) {
        VcpuContext c = v.context;
        c.flags(c.flags() & VcpuInitialise.FLAGS_ALLOWED);
        c.selector(VcpuContext.CS, c.selector(VcpuContext.CS) | 3);
        c.selector(VcpuContext.SS, c.selector(VcpuContext.SS) | 3);
        for (int base : new int[] {VcpuContext.FS_BASE, VcpuContext.GS_BASE, VcpuContext.GS_BASE_OTHER}) {
            long b = c.get64(base);
            if (b << 16 >> 16 != b) {
                throw r.refused("segment base " + Long.toHexString(b) + " is no canonical address");
            }
        }
        c.put32(VcpuContext.ATTENTION, 0);
        for (int flag : new int[] {VcpuContext.MODE, VcpuContext.LONG_MODE, VcpuContext.TASK_SWITCHED}) {
            c.put32(flag, c.get32(flag) & 1);
        }
        if (c.userMode() && c.get64(USER_ROOT) == 0) {
            throw r.refused("user mode without a user page table");
        }
        c.put32(VcpuContext.EXIT_VECTOR, c.get32(VcpuContext.EXIT_VECTOR) & 0xff);
        c.put32(VcpuContext.EXIT_LENGTH, c.get32(VcpuContext.EXIT_LENGTH) & 15);
        c.put64(VcpuContext.RETIRED, c.retired() & (1L << 62) - 1);
        c.put64(TSC_AUX, c.get64(TSC_AUX) & 0xffff_ffffL);
        c.put32(VcpuContext.MXCSR, c.get32(VcpuContext.MXCSR) & MXCSR_MASK);
        long xcr0 = c.get64(VcpuContext.XCR0);
        if ((xcr0 & 1) == 0 || (xcr0 & XCR0_AVX) == XCR0_YMM || (xcr0 & ~(CpuidPolicy.answer(v, 0, 0xd, 0)[0] & 0xffff_ffffL)) != 0) {
            throw r.refused("XCR0 is " + Long.toHexString(xcr0) + ", which this machine does not have");
        }
    }
}
