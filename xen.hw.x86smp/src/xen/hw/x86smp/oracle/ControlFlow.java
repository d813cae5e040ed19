package xen.hw.x86smp.oracle;

/** Which instructions go elsewhere than to the next one; their cases need a place to go to. */
final class ControlFlow {
    private ControlFlow() {
    }

    /** Branches with a displacement. */
    static boolean isRelative(RawInsn i) {
        int op = i.opcode;
        return i.map == RawInsn.ONE && ((op & 0xF0) == 0x70 || op >= 0xE0 && op <= 0xE3 || op == 0xE8 || op == 0xE9 || op == 0xEB)
                || i.map == RawInsn.TWO && (op & 0xF0) == 0x80;
    }

    static boolean isReturn(RawInsn i) {
        return i.map == RawInsn.ONE && (i.opcode == 0xC2 || i.opcode == 0xC3);
    }

    static boolean isIndirect(RawInsn i) {
        return i.map == RawInsn.ONE && i.opcode == 0xFF && (i.reg == 2 || i.reg == 4);
    }

    static boolean isBranch(RawInsn i) {
        return isRelative(i) || isReturn(i) || isIndirect(i);
    }

    /** May this shape be one of many? Not: branches, frames, whole-FPU images, flags from memory, inexact results. */
    static boolean sequential(Shape s) {
        int op = s.opcode();
        if (s.map() == RawInsn.TWO) {
            return (op & 0xF0) != 0x80 && op != 0xAE && op != 0x2A && op != 0x2C && op != 0x2D && op != 0xF7;
        }
        if (s.map() != RawInsn.ONE) {
            return s.map() != RawInsn.VEX_0F || op != 0xAE && op != 0xF7;
        }
        return switch (op) {
            case 0x61, 0x9D, 0xC2, 0xC3, 0xC8, 0xC9, 0xCC, 0xE0, 0xE1, 0xE2, 0xE3, 0xE8, 0xE9, 0xEB, 0xF1 -> false;
            case 0xFF -> s.reg() != 2 && s.reg() != 4;
            case 0xD9 -> s.memory() ? s.reg() != 4 && s.reg() != 6 : s.reg() < 6 && s.reg() != 3;
            case 0xDD -> s.memory() ? s.reg() != 4 && s.reg() < 6 : true;
            // FNSTSW AX: condition codes may be undefined
            case 0xDF -> s.memory() || s.reg() != 4;
            default -> (op & 0xF0) != 0x70;
        };
    }
}
