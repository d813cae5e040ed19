package xen.hw.x86smp.oracle;

import java.io.ByteArrayOutputStream;

/**
 * One instruction to be encoded: the fields of SDM vol. 2, figure 2-1, without knowledge of what
 * the opcode does. Built field by field by {@link Operands}, then only read.
 */
final class RawInsn {
    /** Opcode maps: one-byte, 0F, 0F 38, 0F 3A, and the three of VEX. */
    static final int ONE = 0, TWO = 1, MAP_38 = 2, MAP_3A = 3, VEX_38 = 4, VEX_3A = 5, VEX_0F = 6;

    boolean compat;
    int map;
    int opcode;
    /** {@code addr32} is prefix 67: 16-bit addresses in compatibility mode. */
    boolean opsize, addr32, lock;
    /** A prefix in front of all others that changes nothing, or 0. */
    int idle;
    /** 0, F2 or F3. */
    int rep;
    /** 0 or a segment prefix. */
    int segment;
    /** 0 or 40-4F; in VEX maps its W, R, X and B go into the prefix. */
    int rex;
    /** VEX: third register, and L. */
    int vvvv, vexL;

    boolean modrm;
    /** The three fields of ModRM. Registers above 7 are in {@link #rex}. */
    int mod, reg, rm;
    boolean sib;
    int scale, index, base;
    int dispBytes;
    int disp;
    /** {@code disp} is an address that is encoded relative to the next instruction. */
    boolean ripRelative;
    int immBytes;
    long imm;

    /** Where its memory operand is, if the registers are as generated; -1 without one. */
    long address = -1;

    boolean rexW() {
        return (rex & 8) != 0;
    }

    /** Number of the register in ModRM.reg or ModRM.rm with its REX bit. */
    int regFull() {
        return reg | (rex & 4) << 1;
    }

    int rmFull() {
        return rm | (rex & 1) << 3;
    }

    boolean memory() {
        return modrm && mod != 3;
    }

    boolean vex() {
        return map >= VEX_38;
    }

    /** Operand size in bytes of an instruction whose size is not fixed otherwise. */
    int operandSize() {
        return rexW() ? 8 : opsize ? 2 : 4;
    }

    byte[] encode(long rip) {
        ByteArrayOutputStream b = new ByteArrayOutputStream(16);
        prefix(b, idle);
        prefix(b, segment);
        prefix(b, opsize ? 0x66 : 0);
        prefix(b, addr32 ? 0x67 : 0);
        prefix(b, lock ? 0xF0 : 0);
        if (vex()) {
            encodeVex(b);
        } else {
            prefix(b, rep);
            prefix(b, rex);
            if (map != ONE) {
                b.write(0x0F);
                prefix(b, map == MAP_38 ? 0x38 : map == MAP_3A ? 0x3A : 0);
            }
        }
        b.write(opcode);
        if (modrm) {
            b.write(mod << 6 | reg << 3 | rm);
            if (sib) {
                b.write(scale << 6 | index << 3 | base);
            }
            int d = ripRelative ? (int) (disp - (rip + b.size() + dispBytes + immBytes)) : disp;
            little(b, d, dispBytes);
        }
        little(b, imm, immBytes);
        return b.toByteArray();
    }

    /** VEX, of three bytes or of two where those suffice; {@code opsize} and {@code rep} are its pp field, so neither is written before. */
    private void encodeVex(ByteArrayOutputStream b) {
        int pp = rep == 0xF3 ? 2 : rep == 0xF2 ? 3 : vexOpsize ? 1 : 0;
        if (vexShort && map == VEX_0F && (rex & 11) == 0) {
            b.write(0xC5);
            b.write((rex & 4 ^ 4) << 5 | (~vvvv & 15) << 3 | vexL << 2 | pp);
            return;
        }
        b.write(0xC4);
        b.write((rex & 4 ^ 4) << 5 | (rex & 2 ^ 2) << 5 | (rex & 1 ^ 1) << 5 | (map == VEX_38 ? 2 : map == VEX_3A ? 3 : 1));
        b.write((rex & 8) << 4 | (~vvvv & 15) << 3 | vexL << 2 | pp);
    }

    /** 66 as the implied prefix of a VEX instruction. */
    boolean vexOpsize;
    /** Two-byte VEX is preferred. */
    boolean vexShort;

    /** Loads elements that a vector register points to. */
    boolean gather() {
        return map == VEX_38 && opcode >= 0x90 && opcode <= 0x93;
    }

    private static void prefix(ByteArrayOutputStream b, int p) {
        if (p != 0) {
            b.write(p);
        }
    }

    private static void little(ByteArrayOutputStream b, long v, int bytes) {
        for (int i = 0; i < bytes; i++) {
            b.write((int) (v >> 8 * i));
        }
    }
}
