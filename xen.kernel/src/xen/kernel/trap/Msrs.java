package xen.kernel.trap;

import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;
import xen.kernel.cpuid.CpuidPolicy;
import xen.kernel.hypercall.HypercallPage;

/** Model-specific registers as a PV guest kernel sees them. What is not listed here does not exist: #GP. */
final class Msrs {
    private static final int TSC = 0x10, PLATFORM_ID = 0x17, APIC_BASE = 0x1b, FEATURE_CONTROL = 0x3a, UCODE_REV = 0x8b, PLATFORM_INFO = 0xce,
            MPERF = 0xe7, APERF = 0xe8, MISC_FEATURES = 0x140, PERF_STATUS = 0x198, PERF_CTL = 0x199, THERM_CONTROL = 0x19a,
            THERM_STATUS = 0x19c, MISC_ENABLE = 0x1a0, ENERGY_PERF_BIAS = 0x1b0, PAT = 0x277, PERF_CAPABILITIES = 0x345,
            XEN_HYPERCALL = 0x4000_0000, EFER = 0xc000_0080, FS_BASE = 0xc000_0100, GS_BASE = 0xc000_0101, KERNEL_GS_BASE = 0xc000_0102,
            TSC_AUX = 0xc000_0103, HWCR = 0xc001_0015, NB_CFG = 0xc001_001f, DE_CFG = 0xc001_1029;
    /** SCE, LME, LMA, NXE. */
    private static final long EFER_VALUE = 0xd01;
    private static final long PAT_VALUE = 0x0000_0501_0007_0406L;
    private static final long APIC_BASE_VALUE = 0xfee0_0800L, APIC_BSP = 0x100;
    /** Fast strings; no BTS, no PEBS, xTPR off. */
    private static final long MISC_ENABLE_VALUE = 1 | 1 << 11 | 1 << 12 | 1 << 23;
    /** The TSC counts at the P0 frequency. */
    private static final long HWCR_TSC_FREQ_SEL = 1 << 24;
    private static final int INTEL_EBX = 0x756e_6547;

    private Msrs() {}

    private static boolean intel(VcpuImpl v) { return v.domain.core.board().cpuid(0, 0)[1] == INTEL_EBX; }

    private static boolean rdtscp(VcpuImpl v) { return (CpuidPolicy.answer(v, 0, 0x8000_0001, 0)[3] & 1 << 27) != 0; }

    private static Long when(boolean exists, long value) { return exists ? value : null; }

    /** @return the value, or null for one that the guest may not read */
    static Long read(VcpuImpl v, int msr) {
        VcpuContext c = v.context;
        return switch (msr) {
            case TSC -> v.domain.core.clock.tsc() + v.domain.tscOffset;
            case APIC_BASE -> APIC_BASE_VALUE | (v.id() == 0 ? APIC_BSP : 0);
            case PLATFORM_ID, PERF_STATUS, PERF_CTL, THERM_STATUS -> when(intel(v), 0);
            case FEATURE_CONTROL -> when(intel(v), 1);
            case MISC_ENABLE -> when(intel(v), MISC_ENABLE_VALUE);
            case HWCR -> when(!intel(v), HWCR_TSC_FREQ_SEL);
            case NB_CFG -> when(!intel(v), 0);
            case DE_CFG -> when(!intel(v), 2);
            case UCODE_REV, PLATFORM_INFO, MISC_FEATURES, PERF_CAPABILITIES -> 0L;
            case PAT -> PAT_VALUE;
            case EFER -> EFER_VALUE;
            case FS_BASE -> c.get64(VcpuContext.FS_BASE);
            case GS_BASE -> c.get64(VcpuContext.GS_BASE);
            case KERNEL_GS_BASE -> c.get64(VcpuContext.GS_BASE_OTHER);
            case TSC_AUX -> when(rdtscp(v), c.get64(VcpuContext.TSC_AUX));
            default -> when(performanceCounter(v, msr), 0);
        };
    }

    /** Writes and moves RIP on; false when the guest deserves #GP. */
    static boolean write(VcpuImpl v, int msr, long value) {
        VcpuContext c = v.context;
        boolean ok = switch (msr) {
            case FS_BASE -> base(c, VcpuContext.FS_BASE, value);
            case GS_BASE -> base(c, VcpuContext.GS_BASE, value);
            case KERNEL_GS_BASE -> base(c, VcpuContext.GS_BASE_OTHER, value);
            case EFER -> value == EFER_VALUE;
            case UCODE_REV -> intel(v) && value == 0;
            case MISC_FEATURES -> value == 0;
            // accepted and without effect, as Xen does for a domain that does not own the platform
            case MISC_ENABLE, PERF_CTL, THERM_CONTROL, ENERGY_PERF_BIAS -> intel(v);
            case MPERF, APERF -> true;
            case HWCR, NB_CFG, DE_CFG -> !intel(v);
            case TSC_AUX -> tscAux(v, value);
            case XEN_HYPERCALL -> hypercallPage(v, value);
            default -> performanceCounter(v, msr);
        };
        if (ok) {
            ExitHandler.advance(c);
        }
        return ok;
    }

    private static boolean base(VcpuContext c, int field, long value) {
        if (value << 16 >> 16 != value) {
            return false;
        }
        c.put64(field, value);
        return true;
    }

    private static boolean tscAux(VcpuImpl v, long value) {
        if (value >>> 32 != 0 || !rdtscp(v)) {
            return false;
        }
        v.context.put64(VcpuContext.TSC_AUX, value);
        return true;
    }

    /** The guest names one of its own writable frames, to be filled with hypercall stubs. */
    private static boolean hypercallPage(VcpuImpl v, long value) {
        long mfn = value >>> 12;
        if ((value & 0xfff) != 0 || !v.domain.memory.getWritable(mfn)) {
            return false;
        }
        HypercallPage.fill(v.domain.core.memory.address(mfn));
        v.domain.core.board().cpu(Math.max(0, v.sched.pcpu())).contentChanged((int) mfn);
        v.domain.memory.putWritable(mfn);
        return true;
    }

    /** Counters of a PMU that is switched off: read 0, writes are ignored. */
    private static boolean performanceCounter(VcpuImpl v, int msr) {
        return intel(v)
                ? msr >= 0xc1 && msr <= 0xc8 || msr >= 0x186 && msr <= 0x18d || msr >= 0x309 && msr <= 0x30b || msr >= 0x38d && msr <= 0x390
                : msr >= 0xc001_0000 && msr <= 0xc001_0007 || msr >= 0xc001_0200 && msr <= 0xc001_020b;
    }
}
