package xen.toolstack.diff;

import java.util.ArrayList;
import java.util.List;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** The architectural state of a vCPU at one moment, and why the CPU stopped there. */
final class Snapshot {
    private static final String[] GPR = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
    /** The status flags, undefined ones too, and TF, DF, NT, AC, ID. Engines that use the host's own instructions need a host of the vendor that CPUID names. */
    private static final long FLAGS = 0xcd5 | 0x244700;
    private static final int VECTOR_WORDS = 32;

    final int exit;
    final long retired, rip;
    private final long[] gpr = new long[16], vector = new long[VECTOR_WORDS], x87 = new long[18], system = new long[8];
    private final long flags;

    Snapshot(VcpuContext v, int exit) {
        this.exit = exit;
        retired = v.retired();
        rip = v.rip();
        flags = v.flags() & FLAGS;
        for (int r = 0; r < 16; r++) {
            gpr[r] = v.gpr(r);
        }
        for (int w = 0; w < VECTOR_WORDS; w++) {
            vector[w] = Raw.get64(v.base + VcpuContext.VEC + (w >> 1) * (long) VcpuContext.VEC_STRIDE + (w & 1) * 8);
        }
        for (int r = 0; r < 8; r++) {
            x87[2 * r] = v.get64(VcpuContext.X87 + r * 16);
            x87[2 * r + 1] = v.get64(VcpuContext.X87 + r * 16 + 8) & 0xffff;
        }
        x87[16] = v.get64(VcpuContext.FCW) & 0xffff_ffff_ffffL;
        x87[17] = v.get32(VcpuContext.MXCSR);
        long[] parts = {v.get64(VcpuContext.FS_BASE), v.get64(VcpuContext.GS_BASE), v.get64(VcpuContext.GS_BASE_OTHER), v.get64(VcpuContext.KERNEL_ROOT),
            v.get64(VcpuContext.USER_ROOT), v.get32(VcpuContext.MODE), v.get64(VcpuContext.SELECTORS), v.get32(VcpuContext.LONG_MODE)};
        System.arraycopy(parts, 0, system, 0, 8);
    }

    /** What differs, a line each with both values; empty when the two agree. */
    List<String> differences(Snapshot o) {
        List<String> d = new ArrayList<>();
        if (exit != o.exit) {
            d.add("exit " + Exit.NAMES[exit] + " against " + Exit.NAMES[o.exit]);
        }
        add(d, "retired", retired, o.retired);
        add(d, "rip", rip, o.rip);
        add(d, "rflags", flags, o.flags);
        for (int r = 0; r < 16; r++) {
            add(d, GPR[r], gpr[r], o.gpr[r]);
        }
        for (int w = 0; w < VECTOR_WORDS; w++) {
            add(d, "xmm" + (w >> 1) + ((w & 1) == 0 ? " low" : " high"), vector[w], o.vector[w]);
        }
        for (int w = 0; w < x87.length; w++) {
            add(d, w < 16 ? "x87 register " + (w >> 1) + ((w & 1) == 0 ? " significand" : " exponent") : w == 16 ? "x87 control" : "mxcsr", x87[w], o.x87[w]);
        }
        String[] names = {"fs base", "gs base", "other gs base", "kernel root", "user root", "mode", "selectors", "long mode"};
        for (int w = 0; w < names.length; w++) {
            add(d, names[w], system[w], o.system[w]);
        }
        return d;
    }

    private static void add(List<String> d, String name, long a, long b) {
        if (a != b) {
            d.add("%-22s %016x against %016x".formatted(name, a, b));
        }
    }

    @Override public String toString() {
        StringBuilder s = new StringBuilder("rip %016x rflags %x retired %d%n".formatted(rip, flags, retired));
        for (int r = 0; r < 16; r++) {
            s.append("%-4s%016x%s".formatted(GPR[r], gpr[r], r % 4 == 3 ? "\n" : "  "));
        }
        return s.toString();
    }
}
