package xen.hw.x86smp.oracle;

/**
 * Where two good processors may differ beyond status flags: x87 condition codes, transcendentals
 * outside their domain, and corner cases in which AMD and Intel are known to differ.
 */
final class Latitude {
    /** Condition codes in FSW. */
    private static final int C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000, CONDITIONS = C0 | C1 | C2 | C3;
    private static final int INVALID = 1, ERROR = 0x80;

    private Latitude() {
    }

    /** Is nothing about the outcome of this case defined? */
    static boolean incomparable(RawInsn i, CpuCase c, Outcome expected) {
        if (i.map == RawInsn.ONE && i.opcode == 0xD9 && i.mod == 3) {
            // FSTP1, an alias that does not check for an empty register
            return i.reg == 3 || outsideDomain(i.reg << 3 | i.rm, exponent(c.start()));
        }
        boolean mmxConvert = i.map == RawInsn.TWO && (i.opcode == 0x2A || i.opcode == 0x2C || i.opcode == 0x2D);
        boolean maskMove = (i.map == RawInsn.TWO || i.map == RawInsn.VEX_0F) && i.opcode == 0xF7;
        if (ControlFlow.isIndirect(i) && expected.vector == 14 && expected.state.rip == c.start().rip) {
            // a bad target and a bad stack: either may be met first
            return true;
        }
        // the switch to MMX state is seen or not when the instruction faults; a mask of zeros faults or not
        return mmxConvert && expected.vector >= 0 || maskMove && expected.vector >= 0
                // POPA may have loaded some registers
                || i.map == RawInsn.ONE && i.opcode == 0x61 && expected.vector >= 0
                // CVTPI2PS from memory switches to MMX state on Intel only
                || i.map == RawInsn.TWO && i.opcode == 0x2A && i.memory() && i.rep == 0 && !i.opsize;
    }

    private static int exponent(CpuState s) {
        return s.get16(CpuState.ST0 + 8) & 0x7FFF;
    }

    private static boolean outsideDomain(int function, int exponent) {
        return switch (function) {
            case 0x30 -> exponent >= 0x3FFF;                                // F2XM1: -1 to 1
            case 0x39 -> exponent >= 0x3FFD;                                // FYL2XP1: to about 0.29
            // FPTAN, FSINCOS, FSIN, FCOS: the number of bits of pi in the reduction shows
            case 0x32, 0x3B, 0x3E, 0x3F -> exponent >= 0x3FFF && exponent < 0x403E;
            default -> false;
        };
    }

    /** Bits of FSW that are defined after the instruction. */
    static int fsw(RawInsn i, Outcome expected) {
        if (i.map != RawInsn.ONE || (i.opcode & 0xF8) != 0xD8) {
            return 0xFFFF;
        }
        int undefined = 0;
        boolean stopped = (expected.state.get16(CpuState.FSW) & (INVALID | ERROR)) == (INVALID | ERROR);
        if (i.mod == 3) {
            undefined = switch (i.opcode) {
                case 0xDA -> i.reg < 4 ? C1 : 0;
                case 0xDB -> C1;
                case 0xDD, 0xDF -> i.reg == 0 ? CONDITIONS : i.reg >= 5 ? C1 : 0;
                case 0xD9 -> i.reg == 6 && i.rm == 5 || i.reg == 7 && i.rm == 0 ? invalidRemainder(expected) : 0;
                default -> 0;
            };
        }
        return ~(undefined | (stopped ? C0 | C2 | C3 : 0)) & 0xFFFF;
    }

    private static int invalidRemainder(Outcome expected) {
        return (expected.state.get16(CpuState.FSW) & INVALID) != 0 ? C0 | C1 | C3 : 0;
    }

    /** Status flags that are undefined beyond {@link Undefined#flags}: compares that raise an unmasked error. */
    static long flags(RawInsn i, Outcome expected) {
        boolean compare = i.map == RawInsn.ONE && (i.opcode == 0xDB || i.opcode == 0xDF) && i.mod == 3 && i.reg >= 5;
        return compare && expected.vector == 16 ? CpuState.ZF | CpuState.PF | CpuState.CF : 0;
    }

    /** FPU images are many accesses; which of them faults first is open. */
    static boolean anyAddress(RawInsn i) {
        return i.memory() && (i.map == RawInsn.ONE && (i.opcode == 0xD9 || i.opcode == 0xDD) && (i.reg == 4 || i.reg == 6)
                || i.map == RawInsn.TWO && i.opcode == 0xAE);
    }

    /**
     * Opcode of the string instruction that faulted, or -1. MOVS and CMPS with two bad operands
     * may name either; a repeated comparison that faults may have updated the flags or not.
     */
    static int faultingString(CpuCase c, Outcome o) {
        long at = o.state.rip - c.start().rip;
        if (o.vector != 14 || at < 0 || at >= c.code().length) {
            return -1;
        }
        for (int k = (int) at; k < c.code().length; k++) {
            int b = c.code()[k] & 0xFF;
            boolean prefix = switch (b) {
                case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
                default -> !c.compat() && (b & 0xF0) == 0x40;
            };
            if (!prefix) {
                return b >= 0xA4 && b <= 0xA7 || b >= 0xAA && b <= 0xAF ? b : -1;
            }
        }
        return -1;
    }
}
