package xen.hw.x86smp.decode;

/**
 * One decoded instruction, immutable and independent of where it was found: what the interpreter binds to an Op and what translators
 * consume. Made by {@link Decoder} only; any thread may read it. A booted Linux has a quarter of a million: fields are as small as their values.
 *
 * <p>Up to four operands in the order of the manual (destination first), each a kind, a register number and a size in bytes. There is
 * at most one memory operand with a ModRM or direct address; string instructions name their memory as {@link #SRC_RSI} and
 * {@link #DST_RDI}. Implicit operands (RDX:RAX of MUL, the stack) are not listed.
 */
public final class Insn {
    /** Operand kinds. */
    public static final int NONE = 0,
            /** General register {@code r}. */
            GPR = 1,
            /** AH, CH, DH, BH: {@code r} is 0 to 3, the register whose bits 8-15 are meant. */
            GPR_HIGH = 2,
            /** The memory operand: base, index, scale, disp, seg. */
            MEM = 3,
            /** The immediate {@link Insn#imm}, already extended as the instruction wants it. */
            IMM = 4,
            /** Branch displacement in {@link Insn#imm}, relative to the next instruction. */
            REL = 5,
            XMM = 6, MMX = 7,
            /** x87 register ST(r). */
            ST = 8,
            /** Segment register {@code r} in the order ES CS SS DS FS GS. */
            SEG = 9,
            CR = 10, DR = 11,
            /** Far pointer: offset {@link Insn#imm}, selector {@link Insn#imm2}. */
            FAR = 12,
            /** String operands: seg:[rSI] (seg may be overridden) and ES:[rDI]. */
            SRC_RSI = 13, DST_RDI = 14,
            /** Second immediate {@link Insn#imm2} (ENTER, EXTRQ). */
            IMM2 = 15;

    public static final int MODE_64 = 64, MODE_32 = 32;

    public final Opcode op;
    /** The table row: flags, attributes, encoding. */
    public final Row row;
    /** Whole length in bytes, 1 to 15. */
    public final byte length;
    /** {@link #MODE_64} or {@link #MODE_32}. */
    public final byte mode;

    /** Effective operand-size attribute (2, 4, 8) after prefixes, REX.W and the row's default. */
    public final byte osz;
    /** Size of the operation: operand 0's size if it has one, else {@link #osz}. 1, 2, 4, 8, 16; for x87 memory also 10. */
    public final short size;
    public final byte operands;
    public final byte k0, k1, k2, k3;
    public final byte r0, r1, r2, r3;
    public final short s0, s1, s2, s3;

    /** Index of the memory operand with a ModRM or direct address, -1 if none. */
    public final byte mem;
    /** Bytes of that access; 0 when no access is made (LEA, NOP) or the row cannot say (FXSAVE). */
    public final short memSize;
    /** General registers of the address, -1 = none. RIP-relative has neither. */
    public final byte base, index;
    /** Shift count of the index, 0 to 3. */
    public final byte scale;
    public final long disp;
    /** Effective segment, {@code VcpuContext.ES}.. of the memory or rSI operand, override applied as the mode allows (in 64-bit mode only FS and
     *  GS have a base). */
    public final byte seg;
    /** Address size 8, 4 or 2. */
    public final byte asz;
    public final boolean ripRelative;

    public final long imm;
    /** Second immediate, or the vector register that indexes a gather. */
    public final int imm2;

    public final boolean lock;
    /** Last of the prefixes F2 / F3: 0, 0xf2 or 0xf3, also when mandatory. */
    public final short rep;
    /** Prefix 66 was present, also when mandatory. */
    public final boolean p66;
    public final boolean rexW;
    public final boolean vex;
    /** VEX.L: 1 = 256 bits. */
    public final byte vexL;
    /** Last opcode byte (register bits included), and the ModRM byte or -1. */
    public final short opcode, modrm;

    Insn(Decoder d) {
        op = d.row.op;
        row = d.row;
        length = (byte) d.length;
        mode = (byte) d.mode;
        osz = (byte) d.osz;
        operands = (byte) row.operandCount;
        k0 = (byte) d.kind[0]; k1 = (byte) d.kind[1]; k2 = (byte) d.kind[2]; k3 = (byte) d.kind[3];
        r0 = (byte) d.reg[0]; r1 = (byte) d.reg[1]; r2 = (byte) d.reg[2]; r3 = (byte) d.reg[3];
        s0 = (short) d.osize[0]; s1 = (short) d.osize[1]; s2 = (short) d.osize[2]; s3 = (short) d.osize[3];
        size = s0 != 0 ? s0 : osz;
        mem = (byte) d.mem;
        memSize = mem < 0 ? 0 : (short) d.osize[mem];
        base = (byte) d.base;
        index = (byte) d.index;
        scale = (byte) d.scale;
        disp = d.disp;
        seg = (byte) d.seg;
        asz = (byte) d.asz;
        ripRelative = d.ripRelative;
        imm = d.imm;
        imm2 = d.imm2;
        lock = d.lock;
        rep = (short) d.rep;
        p66 = d.p66;
        rexW = d.w() != 0;
        vex = d.vex;
        vexL = (byte) d.vexL;
        opcode = (short) d.opcode;
        modrm = (short) d.modrm;
    }

    private Insn(Insn i, int[] kind, int[] reg, int[] size, long imm) {
        op = i.op;
        row = i.row;
        length = i.length;
        mode = i.mode;
        osz = i.osz;
        operands = (byte) kind.length;
        k0 = (byte) at(kind, 0); k1 = (byte) at(kind, 1); k2 = (byte) at(kind, 2); k3 = (byte) at(kind, 3);
        r0 = (byte) at(reg, 0); r1 = (byte) at(reg, 1); r2 = (byte) at(reg, 2); r3 = (byte) at(reg, 3);
        s0 = (short) at(size, 0); s1 = (short) at(size, 1); s2 = (short) at(size, 2); s3 = (short) at(size, 3);
        this.size = s0;
        mem = base = index = -1;
        memSize = 0;
        scale = 0;
        imm2 = 0;
        disp = 0;
        seg = i.seg;
        asz = i.asz;
        ripRelative = false;
        this.imm = imm;
        lock = false;
        rep = i.rep;
        p66 = i.p66;
        rexW = i.rexW;
        vex = i.vex;
        vexL = 0;
        opcode = i.opcode;
        modrm = i.modrm;
    }

    private static int at(int[] a, int i) { return i < a.length ? a[i] : 0; }

    /** The same operation on other operands, none of them in memory: how 256-bit forms are made of 128-bit ones. */
    public Insn with(int[] kind, int[] reg, int[] size, long imm) { return new Insn(this, kind, reg, size, imm); }

    public int kind(int i) {
        return switch (i) { case 0 -> k0; case 1 -> k1; case 2 -> k2; default -> k3; };
    }

    public int reg(int i) {
        return switch (i) { case 0 -> r0; case 1 -> r1; case 2 -> r2; default -> r3; };
    }

    public int size(int i) {
        return switch (i) { case 0 -> s0; case 1 -> s1; case 2 -> s2; default -> s3; };
    }

    /** True if control may go elsewhere than to the next instruction, or the instruction leaves the guest. */
    public boolean terminates() { return row.terminates; }

    @Override public String toString() { return Disassembler.text(this, 0); }
}
