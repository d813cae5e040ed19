package xen.hw.x86smp.oracle;

import static xen.hw.x86smp.oracle.RawInsn.MAP_38;
import static xen.hw.x86smp.oracle.RawInsn.MAP_3A;
import static xen.hw.x86smp.oracle.RawInsn.ONE;
import static xen.hw.x86smp.oracle.RawInsn.TWO;

/**
 * Instructions that are not compared with the silicon, each group with its reason. They have unit
 * tests of their own where the model implements them.
 */
final class Exclusions {
    private Exclusions() {
    }

    static boolean excludes(Shape s) {
        return switch (s.map()) {
            case ONE -> one(s);
            case TWO -> two(s) || vendor(s);
            case MAP_38 -> map38(s);
            case MAP_3A -> map3a(s);
            case RawInsn.VEX_0F -> vex0f(s);
            case RawInsn.VEX_38 -> vex38(s);
            default -> vex3a(s);
        };
    }

    private static boolean vex0f(Shape s) {
        int op = s.opcode();
        return op >= 0x41 && op <= 0x4B || op >= 0x90 && op <= 0x99         // AVX-512 masks
                || op == 0x52 || op == 0x53                                 // approximations
                || op == 0xAE && !(s.memory() && (s.reg() == 2 || s.reg() == 3));
    }

    /** What the machine does not announce and some hosts have. */
    private static boolean vex38(Shape s) {
        int op = s.opcode();
        return op >= 0x49 && op <= 0x57 || op >= 0x5B && op <= 0x77     // AMX, VNNI
                || (op & 0xFE) == 0xB0 || (op & 0xFE) == 0xB4                       // NE-CONVERT, IFMA
                || op >= 0xCB && op <= 0xDA || op >= 0xE0 && op <= 0xEF     // SHA512, SM3, SM4, GFNI, CMPccXADD
                || op == 0xF5 && s.opsize() || op >= 0xF8;
    }

    private static boolean vex3a(Shape s) {
        int op = s.opcode();
        return op >= 0x30 && op <= 0x33 || op == 0xCE || op == 0xCF || op == 0xDE
                || op >= 0x5C && op <= 0x5F || op >= 0x68 && op <= 0x7F || op == 0x48 || op == 0x49; // FMA4, XOP
    }

    private static boolean one(Shape s) {
        int op = s.opcode();
        return switch (op) {
            // prefixes and escapes are not opcodes
            case 0x0F, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
            // VEX and EVEX reach what is not announced; LES and LDS load segments
            case 0x62, 0xC4, 0xC5 -> true;
            // segment loads, far transfers, IRET: the host's descriptor tables are not the guest's
            case 0x8E, 0x9A, 0xCA, 0xCB, 0xCF, 0xEA -> true;
            case 0x07, 0x17, 0x1F -> s.compat();
            // system calls (INT n with any n)
            case 0xCD -> true;
            // INT1: hypervisors disagree whether RIP is behind it
            case 0xF1 -> true;
            // near branches: AMD honours the 66 prefix in 64-bit mode, Intel does not
            case 0xC2, 0xC3, 0xE0, 0xE1, 0xE2, 0xE3, 0xE8, 0xE9, 0xEB -> s.opsize();
            case 0xFF -> s.reg() == 3 || s.reg() == 5 || s.opsize() && (s.reg() == 2 || s.reg() == 4);
            default -> (op & 0xF0) == 0x70 && s.opsize()
                    || !s.compat() && op >= 0x40 && op < 0x50;
        };
    }

    private static boolean two(Shape s) {
        return switch (s.opcode()) {
            // descriptor tables, UMIP, virtualisation
            case 0x00, 0x01, 0x02, 0x03 -> true;
            // system calls, time stamps, MSRs whose answer is the host's
            case 0x05, 0x07, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x37, 0xA2, 0xAA -> true;
            // the other maps
            case 0x38, 0x3A -> true;
            // segment loads
            case 0xA1, 0xA9, 0xB2, 0xB4, 0xB5 -> true;
            // approximations that differ between vendors
            case 0x52, 0x53 -> s.rep() == 0xF3 || s.rep() == 0 && !s.opsize();
            // random numbers, XSAVE variants, RDPID
            case 0xC7 -> s.reg() >= 3;
            case 0xAE -> fifteen(s);
            // control registers have no memory form
            case 0x20, 0x21, 0x22, 0x23 -> s.memory() || s.opsize() || s.rep() != 0;
            default -> (s.opcode() & 0xF0) == 0x80 && s.opsize();
        };
    }

    /** Group 15: FXSAVE, FXRSTOR, LDMXCSR, STMXCSR, fences, CLFLUSH and RDFSBASE stay. */
    private static boolean fifteen(Shape s) {
        if (s.memory()) {
            return s.opsize() || s.rep() != 0 || s.reg() >= 4 && s.reg() <= 6;
        }
        return s.rep() == 0xF3 && s.reg() != 0 && s.reg() != 1 || s.opsize() || s.rep() == 0xF2;
    }

    /** Extensions of one vendor that execute on some hosts and are never announced. */
    private static boolean vendor(Shape s) {
        return switch (s.opcode()) {
            case 0x0E, 0x0F -> true;                                        // 3DNow
            case 0x0D -> !s.memory();                                       // PREFETCHW
            case 0x09 -> s.rep() != 0;                                      // WBNOINVD
            case 0x1A, 0x1B, 0x1C, 0x1E -> s.rep() != 0 || s.opsize();      // MPX, CLDEMOTE, CET
            case 0x2B -> s.rep() != 0;                                      // SSE4a MOVNTSS, MOVNTSD
            case 0x78, 0x79 -> true;                                        // SSE4a, VMX
            default -> false;
        };
    }

    private static boolean map38(Shape s) {
        int op = s.opcode();
        return op >= 0x80 && op < 0x84                                      // INVEPT, INVVPID, INVPCID
                || op == 0xCF                                               // GFNI
                || op == 0xD8 || op >= 0xDC && op < 0xE0 && s.rep() != 0    // key locker
                || (op == 0xF5 || op == 0xF6) && s.memory() && s.rep() == 0 // shadow stacks
                        && (op == 0xF5 || !s.opsize())
                || op >= 0xF8;                                              // direct stores, ENQCMD
    }

    private static boolean map3a(Shape s) {
        return s.opcode() == 0xCE || s.opcode() == 0xCF;                    // GFNI
    }
}
