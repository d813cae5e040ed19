package xen.hw.x86smp.decode;

import xen.kernel.api.hw.PrivilegedOp;

/**
 * One row of the {@link InstructionTable}, parsed: an encoding, its operands in the SDM's letters (appendix A) and what the instruction
 * does to flags and control flow. Immutable.
 */
public final class Row {
    /** Flag bits as in RFLAGS. */
    public static final int CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, DF = 0x400, OF = 0x800, STATUS = CF | PF | AF | ZF | SF | OF;

    /** Opcode maps. */
    public static final int ONE_BYTE = 0, MAP_0F = 1, MAP_0F38 = 2, MAP_0F3A = 3;
    /** Prefix wanted: ANY, NP (no 66, F2, F3), NR (no F2, F3), the byte itself. */
    public static final int ANY = 0, NP = 1, NR = 2;
    /** Operand-size defaults: 32; 64 in 64-bit mode; always 64 in 64-bit mode. */
    public static final int D32 = 0, D64 = 1, F64 = 2;

    /** The text the row was made from. */
    public final String text;
    public final Opcode op;
    public final int map;
    /** Opcode byte; with {@link #plusReg} the first of eight. */
    public final int opcode;
    public final boolean plusReg;
    public final int prefix;
    public final boolean modrm;
    /** Wanted ModRM.reg (0-7), wanted ModRM.rm, -1 = any. */
    public final int digit, rm;
    /** 1 = register form only, 2 = memory form only, 0 = both. */
    public final int mod;
    /** Wanted REX.W/VEX.W, -1 = any. */
    public final int w;
    /** Wanted REX.B (-1 = any) and effective operand size (0 = any). */
    final int b, onlySize;
    /** ModRM.mod is ignored: always a register. */
    final boolean anyMod;
    public final boolean vex;
    /** Wanted VEX.L, -1 = any. */
    public final int vexL;
    /** Valid in 64-bit mode, in compatibility mode. */
    public final boolean in64, in32;
    public final int sizeDefault;
    /** Operand letters, for example {@code "Eb"}. */
    final String[] operand;
    public final int operandCount;
    final byte[] code;
    final byte[] sizeCode;

    /** Flags it needs, writes always with a defined value, leaves undefined. Conditional writers (shifts by CL) list them in {@link #flagsMaybe}. */
    public final int flagsRead, flagsWritten, flagsUndefined, flagsMaybe;
    public final boolean lockable, terminates;
    /** The index of the memory operand is a vector register: {@link Insn#imm2}. */
    public final boolean vsib;
    /** Cannot fault when it has no memory operand. */
    public final boolean noFault;
    /** A string instruction that obeys REP. */
    public final boolean string;
    /** What Exit.PRIVILEGED reports, or null. */
    public final PrivilegedOp privileged;
    /** CPU feature as CPUID names it ("" = base), for generators. */
    public final String feature;

    Row(RowParser p) {
        text = p.text;
        op = p.op;
        map = p.map;
        opcode = p.opcode;
        plusReg = p.plusReg;
        prefix = p.prefix;
        modrm = p.modrm;
        digit = p.digit;
        rm = p.rm;
        mod = p.mod;
        w = p.w;
        b = p.b;
        onlySize = p.only;
        anyMod = p.anyMod;
        vex = p.vex;
        vexL = p.vexL;
        in64 = p.in64;
        in32 = p.in32;
        sizeDefault = p.sizeDefault;
        operand = p.operand;
        operandCount = operand.length;
        code = p.code;
        sizeCode = p.sizeCode;
        flagsRead = p.flagsRead;
        flagsWritten = p.flagsWritten;
        flagsUndefined = p.flagsUndefined;
        flagsMaybe = p.flagsMaybe;
        vsib = p.vsib;
        lockable = p.lockable;
        terminates = p.terminates;
        noFault = p.noFault;
        string = p.string;
        privileged = p.privileged;
        feature = p.feature;
    }

    /** Operand letters of operand {@code i}, for example {@code "Eb"}. */
    public String operand(int i) { return operand[i]; }

    /** Whether the bytes at hand mean this row; {@code modrmByte} is -1 when the opcode has none. */
    boolean matches(Decoder d, int modrmByte) {
        if (d.mode == Insn.MODE_64 ? !in64 : !in32) {
            return false;
        }
        switch (prefix) {
            case ANY -> { }
            case NP -> { if (d.p66 || d.rep != 0) { return false; } }
            case NR -> { if (d.rep != 0) { return false; } }
            case 0x66 -> { if (!d.p66 || d.rep != 0) { return false; } }
            default -> { if (d.rep != prefix) { return false; } }
        }
        if (modrm && (digit >= 0 && (modrmByte >> 3 & 7) != digit || rm >= 0 && (modrmByte & 7) != rm
                || mod != 0 && (mod == 1) != (modrmByte >= 0xc0))) {
            return false;
        }
        if (b >= 0 && (d.rex & 1) != b || onlySize != 0 && onlySize != d.plainSize()) {
            return false;
        }
        return (w < 0 || w == d.w()) && vex == d.vex && (vexL < 0 || vexL == d.vexL);
    }

    @Override public String toString() { return text; }
}
