package xen.kernel.cpuid;

import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.Core;
import xen.kernel.core.VcpuImpl;

/**
 * What CPUID answers to a PV guest: the board's own answers, cut down to what a PV guest can use, with HYPERVISOR set, a topology of one
 * package of single-threaded cores (one a vCPU), and Xen's leaves from 0x40000000. The same for native and forced-prefix CPUID; only
 * OSXSAVE depends on the caller, as in Xen: the guest kernel sees the hypervisor's setting, user mode the guest's own.
 */
public final class CpuidPolicy {
    static final int MAX_BASIC = 0xd, MAX_EXTENDED = 0x8000_0008, XEN_BASE = 0x4000_0000, XEN_MAX = XEN_BASE + 5;
    static final int HTT = 1 << 28, APIC = 1 << 9, XSAVE = 1 << 26, OSXSAVE = 1 << 27, HYPERVISOR = 1 << 31, CMP_LEGACY = 1 << 1;
    /** Bytes of an XSAVE area with x87 and SSE only. */
    private static final int LEGACY_XSAVE = 576;
    private static final int CR4_OSXSAVE = 1 << 18;

    /** Leaf 1 EDX: not VME, PSE, SEP, MTRR, PGE, PSE36, ACPI, nor machine checks, which the core does not model. */
    private static final int F1_EDX = bits(0, 2, 4, 5, 6, 8, 9, 15, 16, 19, 23, 24, 25, 26, 27);
    /** Leaf 1 ECX: not MONITOR, VMX, PCID, X2APIC, TSC_DEADLINE and the like. */
    private static final int F1_ECX = bits(0, 1, 9, 12, 13, 19, 20, 22, 23, 25, 26, 28, 29, 30);
    /** Leaf 7.0 EBX: not TSC_ADJUST, SMEP, INVPCID, RTM, MPX, SMAP. */
    private static final int F7_EBX = bits(0, 3, 5, 6, 8, 9, 13, 16, 17, 18, 19, 21, 23, 24, 28, 29, 30, 31);
    /** Leaf 7.0 ECX: not UMIP, PKU, LA57. */
    private static final int F7_ECX = bits(0, 1, 6, 8, 9, 10, 11, 12, 14, 22, 25, 27, 28);
    /** Leaf 7.0 EDX: not the bits whose MSRs are not offered. */
    private static final int F7_EDX = bits(2, 3, 4, 8, 10, 14, 23);
    private static final int F7_1_EAX = bits(0, 1, 2, 4, 5, 10, 11, 12, 23);
    /** Leaf 0xd.1 EAX: XSAVEOPT, XSAVEC, XGETBV(1); XSAVES is for ring 0. */
    private static final int FD_1_EAX = 7;
    /** Leaf 0x80000001 EDX: SYSCALL, NX, MMXEXT, FFXSR, RDTSCP, LM, 3DNow; 1 GiB pages are not for PV. */
    private static final int E1_EDX = bits(11, 20, 22, 25, 27, 29, 30, 31);
    /** Leaf 1 EDX bits that AMD repeats in leaf 0x80000001. */
    private static final int E1_COMMON = 0x0183_f3ff;
    private static final int E1_ECX = bits(0, 4, 5, 6, 7, 8, 11, 16, 21);
    private static final int E7_EDX = 1 << 8;
    private static final int E8_EBX = bits(0, 2);

    private CpuidPolicy() {}

    private static int bits(int... n) {
        int m = 0;
        for (int b : n) {
            m |= 1 << b;
        }
        return m;
    }

    /** The guest's answer: EAX, EBX, ECX, EDX. */
    public static int[] answer(VcpuImpl v, long cr4, int leaf, int subleaf) {
        Core core = v.domain.core;
        Machine.Board board = core.board();
        int vcpus = v.domain.config.vcpus();
        return switch (leaf >>> 28) {
            case 0 -> leaf > Math.min(board.cpuid(0, 0)[0], MAX_BASIC) ? none() : basic(board, v, cr4, vcpus, leaf, subleaf);
            case 4 -> xen(core, leaf - XEN_BASE, subleaf);
            case 8 -> extended(board, vcpus, leaf);
            default -> none();
        };
    }

    private static int[] none() { return new int[4]; }

    private static int[] basic(Machine.Board board, VcpuImpl v, long cr4, int vcpus, int leaf, int subleaf) {
        int[] r = board.cpuid(leaf, subleaf).clone();
        switch (leaf) {
            case 0 -> r[0] = Math.min(r[0], MAX_BASIC);
            case 1 -> {
                int siblings = vcpus > 1 ? Math.min(255, roundUp(vcpus)) : 0;
                r[1] = r[1] & 0xffff | siblings << 16 | v.id() << 24;
                boolean osxsave = (r[2] & XSAVE) != 0 && (!v.context.userMode() || (cr4 & CR4_OSXSAVE) != 0);
                r[2] = r[2] & F1_ECX | HYPERVISOR | (osxsave ? OSXSAVE : 0);
                r[3] = r[3] & F1_EDX | APIC | (vcpus > 1 ? HTT : 0);
            }
            case 2 -> { /* cache descriptors are facts of the board */ }
            case 4 -> {
                if ((r[0] & 31) != 0) {
                    // caches belong to one core; the package has one core a vCPU
                    r[0] = r[0] & 0x3fff | Math.min(63, roundUp(vcpus) - 1) << 26;
                }
            }
            case 7 -> {
                if (subleaf == 0) {
                    r[0] = Math.min(r[0] & 0xff, 1);
                    r[1] &= F7_EBX;
                    r[2] &= F7_ECX;
                    r[3] &= F7_EDX;
                } else if (subleaf == 1 && (board.cpuid(7, 0)[0] & 0xff) >= 1) {
                    r = new int[] {r[0] & F7_1_EAX, 0, 0, 0};
                } else {
                    r = none();
                }
            }
            case 0xb -> r = topology(v, vcpus, subleaf);
            case 0xd -> r = xstate(board, v, r, subleaf);
            default -> r = none();
        }
        return r;
    }

    private static int[] topology(VcpuImpl v, int vcpus, int subleaf) {
        int width = 32 - Integer.numberOfLeadingZeros(roundUp(vcpus) - 1);
        return switch (subleaf) {
            case 0 -> new int[] {0, 1, 1 << 8, v.id()};
            case 1 -> new int[] {width, vcpus, 2 << 8 | 1, v.id()};
            default -> new int[] {0, 0, subleaf & 0xff, v.id()};
        };
    }

    private static int[] xstate(Machine.Board board, VcpuImpl v, int[] r, int subleaf) {
        if ((board.cpuid(1, 0)[2] & XSAVE) == 0) {
            return none();
        }
        return switch (subleaf) {
            // EBX is the size of what the guest has enabled
            case 0 -> new int[] {r[0] & 7, (v.context.get64(VcpuContext.XCR0) & 4) != 0 ? r[2] : LEGACY_XSAVE, r[2], 0};
            case 1 -> new int[] {r[0] & FD_1_EAX, 0, 0, 0};
            case 2 -> (board.cpuid(0xd, 0)[0] & 4) != 0 ? r : none();
            default -> none();
        };
    }

    private static int[] extended(Machine.Board board, int vcpus, int leaf) {
        int max = Integer.compareUnsigned(board.cpuid(0x8000_0000, 0)[0], MAX_EXTENDED) < 0 ? board.cpuid(0x8000_0000, 0)[0] : MAX_EXTENDED;
        if (Integer.compareUnsigned(leaf, max) > 0) {
            return none();
        }
        int[] r = board.cpuid(leaf, 0).clone();
        switch (leaf) {
            case 0x8000_0000 -> r[0] = max;
            case 0x8000_0001 -> {
                r[2] &= E1_ECX;
                r[3] &= E1_EDX | E1_COMMON & F1_EDX;
            }
            case 0x8000_0002, 0x8000_0003, 0x8000_0004, 0x8000_0005, 0x8000_0006 -> { /* brand and caches */ }
            case 0x8000_0007 -> r = new int[] {0, 0, 0, r[3] & E7_EDX};
            case 0x8000_0008 -> r = new int[] {r[0] & 0xffff, r[1] & E8_EBX, vcpus - 1 & 0xff, 0};
            default -> r = none();
        }
        return r;
    }

    private static int[] xen(Core core, int leaf, int subleaf) {
        return switch (leaf) {
            case 0 -> new int[] {XEN_MAX, 0x566e_6558, 0x6558_4d4d, 0x4d4d_566e};
            case 1 -> new int[] {xen.kernel.hypercall.XenVersion.MAJOR << 16 | xen.kernel.hypercall.XenVersion.MINOR, 0, 0, 0};
            // one hypercall page through MSR 0x40000000; MMU_PT_UPDATE_PRESERVE_AD is there
            case 2 -> new int[] {1, XEN_BASE, 1, 0};
            case 3 -> time(core, subleaf);
            case 5 -> subleaf == 0 ? new int[] {0, 64 - Long.numberOfLeadingZeros(core.memory.bytes() - 1), 0, 0} : none();
            default -> none();
        };
    }

    /** TSC mode "never emulated", and the TSC is reliable: virtual and real time both derive it from the machine clock. */
    private static int[] time(Core core, int subleaf) {
        int khz = (int) (core.clock.hz() / 1000);
        return switch (subleaf) {
            case 0 -> new int[] {2, 2, khz, 0};
            case 1 -> new int[] {0, 0, core.clock.pvMul(), core.clock.pvShift()};
            case 2 -> new int[] {khz, 0, 0, 0};
            default -> none();
        };
    }

    private static int roundUp(int n) { return Integer.highestOneBit(Math.max(1, 2 * n - 1)); }
}
