package xen.hw.x86smp.oracle;

import static xen.hw.x86smp.oracle.CpuState.AF;
import static xen.hw.x86smp.oracle.CpuState.CF;
import static xen.hw.x86smp.oracle.CpuState.OF;
import static xen.hw.x86smp.oracle.CpuState.PF;
import static xen.hw.x86smp.oracle.CpuState.SF;
import static xen.hw.x86smp.oracle.CpuState.STATUS;
import static xen.hw.x86smp.oracle.CpuState.ZF;

/** What the SDM (vol. 2, "Flags Affected") leaves undefined when an instruction completes. */
final class Undefined {
    private Undefined() {
    }

    /**
     * Status flags with undefined values.
     *
     * @param cl value of CL before, or -1 when it is not known: then all that can be undefined
     */
    static long flags(RawInsn i, int cl) {
        return switch (i.map) {
            case RawInsn.ONE -> one(i, cl);
            case RawInsn.TWO -> two(i, cl);
            case RawInsn.VEX_38 -> switch (i.opcode) {
                case 0xF2, 0xF3 -> AF | PF;
                case 0xF5 -> i.rep == 0 && !i.vexOpsize ? AF | PF : 0;
                case 0xF7 -> i.rep == 0 && !i.vexOpsize ? SF | AF | PF : 0;
                default -> 0;
            };
            default -> 0;
        };
    }

    private static long one(RawInsn i, int cl) {
        int op = i.opcode;
        if (op < 0x40) {
            int group = op >> 3;
            if ((op & 7) < 6) {
                return logic(group);
            }
            return switch (op) {
                case 0x37, 0x3F -> OF | SF | ZF | PF;
                case 0x27, 0x2F -> OF;
                default -> 0;
            };
        }
        return switch (op) {
            case 0x80, 0x81, 0x82, 0x83 -> logic(i.reg);
            case 0x84, 0x85, 0xA8, 0xA9 -> AF;
            case 0x69, 0x6B -> SF | ZF | AF | PF;
            case 0xD4, 0xD5 -> OF | AF | CF;
            case 0xC0, 0xC1 -> shift(i, (int) i.imm & 0xFF);
            case 0xD0, 0xD1 -> shift(i, 1);
            case 0xD2, 0xD3 -> shift(i, cl);
            case 0xF6, 0xF7 -> switch (i.reg) {
                case 0, 1 -> AF;
                case 4, 5 -> SF | ZF | AF | PF;
                case 6, 7 -> STATUS;
                default -> 0;
            };
            default -> 0;
        };
    }

    /** AND, OR and XOR of the eight arithmetic operations. */
    private static long logic(int operation) {
        return operation == 1 || operation == 4 || operation == 6 ? AF : 0;
    }

    private static long shift(RawInsn i, int rawCount) {
        boolean rotate = i.reg < 4;
        int size = (i.opcode & 1) == 0 ? 8 : i.operandSize() * 8;
        if (rawCount < 0) {
            return rotate ? OF : OF | AF | CF;
        }
        int count = rawCount & (size == 64 ? 63 : 31);
        if (count == 0) {
            return 0;
        }
        long of = count == 1 ? 0 : OF;
        if (rotate) {
            return of;
        }
        return of | AF | (count >= size && i.reg != 7 ? CF : 0);
    }

    private static long two(RawInsn i, int cl) {
        return switch (i.opcode) {
            case 0xA3, 0xAB, 0xB3, 0xBB, 0xBA -> OF | SF | AF | PF;
            case 0xA4, 0xAC -> doubleShift(i, (int) i.imm & 0xFF);
            case 0xA5, 0xAD -> doubleShift(i, cl);
            case 0xAF -> SF | ZF | AF | PF;
            case 0xBC, 0xBD -> i.rep == 0xF3 ? OF | SF | PF | AF : CF | OF | SF | AF | PF;
            default -> 0;
        };
    }

    private static long doubleShift(RawInsn i, int rawCount) {
        if (rawCount < 0) {
            return STATUS;
        }
        int size = i.operandSize() * 8;
        int count = rawCount & (size == 64 ? 63 : 31);
        return count == 0 ? 0 : count > size ? STATUS : count == 1 ? AF : OF | AF;
    }

    /** A 16-bit double shift by more than 16 has no defined result either. */
    static boolean result(RawInsn i, int cl) {
        if (i.map != RawInsn.TWO || i.operandSize() != 2) {
            return false;
        }
        int count = switch (i.opcode) {
            case 0xA4, 0xAC -> (int) i.imm & 0x1F;
            case 0xA5, 0xAD -> cl < 0 ? 31 : cl & 0x1F;
            default -> 0;
        };
        return count > 16;
    }

    /**
     * Is this byte of a stored FPU image undefined? Pointers to the last x87 instruction are saved
     * by some CPUs always and by others only with an exception pending; MXCSR_MASK is the host's.
     */
    static boolean memory(RawInsn i, long offset) {
        if (!i.memory()) {
            return false;
        }
        if (i.map == RawInsn.TWO && i.opcode == 0xAE && i.reg == 0) {
            return offset >= 5 && offset < 24 || offset >= 28 && offset < 32;
        }
        boolean environment = i.map == RawInsn.ONE && i.reg == 6 && (i.opcode == 0xD9 || i.opcode == 0xDD);
        return environment && (i.opsize ? offset >= 6 && offset < 14 : offset >= 12 && offset < 28);
    }

    /** x87 transcendentals: the SDM promises an error below one unit in the last place, not a value (vol. 1, 8.3.10). */
    static boolean inexact(RawInsn i) {
        return i.map == RawInsn.ONE && i.opcode == 0xD9 && i.mod == 3 && switch (i.reg << 3 | i.rm) {
            case 0x30, 0x31, 0x32, 0x33, 0x39, 0x3B, 0x3E, 0x3F -> true;
            default -> false;
        };
    }
}
