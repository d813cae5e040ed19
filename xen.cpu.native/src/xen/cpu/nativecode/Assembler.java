package xen.cpu.nativecode;

import xen.kernel.api.hw.Raw;

/**
 * Writes x86-64 instructions at a host address. Registers are host numbers 0 to 15. The mnemonics cover what the translator itself needs;
 * guest instructions are re-encoded through {@link #legacy} with the guest's own opcode bytes.
 */
final class Assembler {
    static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7, R8 = 8, R9 = 9, R10 = 10, R11 = 11, R12 = 12,
            R13 = 13, R14 = 14, R15 = 15;
    /** Condition codes. */
    static final int O = 0, B = 2, AE = 3, E = 4, NE = 5, A = 7, S = 8, NS = 9;

    /** Next byte goes here. */
    long at;

    Assembler(long at) { this.at = at; }

    void b(int v) { Raw.put8(at++, v); }

    void d(int v) {
        Raw.put32(at, v);
        at += 4;
    }

    void q(long v) {
        Raw.put64(at, v);
        at += 8;
    }

    /** REX and opcode for register {@code reg} and register {@code rm}. */
    void rr(boolean w, int opcode, int reg, int rm) {
        rex(w, reg, 0, rm, false);
        opcode(opcode);
        b(0xc0 | (reg & 7) << 3 | rm & 7);
    }

    /** Register {@code reg} and memory [base + disp]. */
    void rm(boolean w, int opcode, int reg, int base, int disp) {
        rex(w, reg, 0, base, false);
        opcode(opcode);
        memory(reg, base, -1, 0, disp);
    }

    private void opcode(int opcode) {
        if (opcode > 0xff) {
            b(opcode >> 8);
        }
        b(opcode);
    }

    private void rex(boolean w, int reg, int index, int base, boolean force) {
        int r = (w ? 8 : 0) | (reg >> 3 & 1) << 2 | (index >> 3 & 1) << 1 | base >> 3 & 1;
        if (r != 0 || force) {
            b(0x40 | r);
        }
    }

    /** ModRM, SIB and displacement; index -1 = none. */
    void memory(int reg, int base, int index, int scale, int disp) {
        int mod = disp == 0 && (base & 7) != 5 ? 0 : disp == (byte) disp ? 1 : 2;
        if (index >= 0 || (base & 7) == 4) {
            b(mod << 6 | (reg & 7) << 3 | 4);
            b(scale << 6 | (index < 0 ? 4 : index & 7) << 3 | base & 7);
        } else {
            b(mod << 6 | (reg & 7) << 3 | base & 7);
        }
        if (mod == 1) {
            b(disp);
        } else if (mod == 2) {
            d(disp);
        }
    }

    void mov(int to, int from) { rr(true, 0x8b, to, from); }
    void mov32(int to, int from) { rr(false, 0x8b, to, from); }
    void load(int to, int base, int disp) { rm(true, 0x8b, to, base, disp); }
    void store(int base, int disp, int from) { rm(true, 0x89, from, base, disp); }
    void store32(int base, int disp, int from) { rm(false, 0x89, from, base, disp); }

    /** MOV qword [base + disp], imm: flags stay. */
    void storeImm(int base, int disp, int imm) {
        rex(true, 0, 0, base, false);
        b(0xc7);
        memory(0, base, -1, 0, disp);
        d(imm);
    }

    /** MOV dword [base + disp], imm: flags stay. */
    void storeImm32(int base, int disp, int imm) {
        rex(false, 0, 0, base, false);
        b(0xc7);
        memory(0, base, -1, 0, disp);
        d(imm);
    }

    /** LEA reg, [rip + disp32] to be patched; returns the place of the displacement. */
    long leaRip(int reg) {
        b(reg >= 8 ? 0x4c : 0x48);
        b(0x8d);
        b((reg & 7) << 3 | 5);
        d(-1);
        return at - 4;
    }

    void movImm(int to, long v) {
        if (v == (int) v) {
            rex(true, 0, 0, to, false);
            b(0xc7);
            b(0xc0 | to & 7);
            d((int) v);
        } else if (v >>> 32 == 0) {
            rex(false, 0, 0, to, false);
            b(0xb8 | to & 7);
            d((int) v);
        } else {
            rex(true, 0, 0, to, false);
            b(0xb8 | to & 7);
            q(v);
        }
    }

    /** Zero-extended. */
    void movImm32(int to, int v) {
        rex(false, 0, 0, to, false);
        b(0xb8 | to & 7);
        d(v);
    }

    void lea(int to, int base, int index, int scale, int disp) {
        rex(true, to, Math.max(index, 0), base, false);
        b(0x8d);
        memory(to, base, index, scale, disp);
    }

    /** LEA without a base: index * scale + disp32. */
    void leaIndex(int to, int index, int scale, int disp) {
        rex(true, to, index, 0, false);
        b(0x8d);
        b((to & 7) << 3 | 4);
        b(scale << 6 | (index & 7) << 3 | 5);
        d(disp);
    }

    /** ADD OR ADC SBB AND SUB XOR CMP by number 0 to 7, with an immediate. */
    void alu(int op, boolean w, int reg, int imm) {
        rex(w, 0, 0, reg, false);
        b(imm == (byte) imm ? 0x83 : 0x81);
        b(0xc0 | op << 3 | reg & 7);
        if (imm == (byte) imm) {
            b(imm);
        } else {
            d(imm);
        }
    }

    /** TEST reg, imm32. */
    void testImm(boolean w, int reg, int imm) {
        rex(w, 0, 0, reg, false);
        b(0xf7);
        b(0xc0 | reg & 7);
        d(imm);
    }

    void aluMem(int op, boolean w, int base, int disp, int imm) {
        rex(w, 0, 0, base, false);
        b(imm == (byte) imm ? 0x83 : 0x81);
        memory(op, base, -1, 0, disp);
        if (imm == (byte) imm) {
            b(imm);
        } else {
            d(imm);
        }
    }

    void shiftRight(boolean w, int reg, int n) { shift(5, w, reg, n); }
    void shiftLeft(boolean w, int reg, int n) { shift(4, w, reg, n); }

    void shiftArithmetic(int reg, int n) { shift(7, true, reg, n); }

    void shift(int op, boolean w, int reg, int n) {
        rex(w, 0, 0, reg, false);
        b(0xc1);
        b(0xc0 | op << 3 | reg & 7);
        b(n);
    }

    /** CMOVcc, 64 bits. */
    void cmov(int cc, int to, int from) { rr(true, 0x0f40 | cc, to, from); }

    /** Conditional jump with a 32-bit displacement to be patched; returns the place of the displacement. */
    long jcc(int cc) {
        b(0x0f);
        b(0x80 | cc);
        d(0);
        return at - 4;
    }

    long jmp() {
        b(0xe9);
        d(0);
        return at - 4;
    }

    /** A jump that is patched while other CPUs may run it: its displacement is aligned, so they see the old or the new one. */
    long jmpPatchable() {
        while ((at + 1 & 3) != 0) {
            b(0x90);
        }
        return jmp();
    }

    /** Makes the displacement at {@code place} lead to {@code target} (both in the writable mapping). */
    static void patch(long place, long target) { Raw.put32(place, (int) (target - (place + 4))); }

    void mfence() {
        b(0x0f);
        b(0xae);
        b(0xf0);
    }

    void callTo(long target) {
        b(0xe8);
        d(0);
        patch(at - 4, target);
    }

    void jmpTo(long target) { patch(jmp(), target); }

    void jccTo(int cc, long target) { patch(jcc(cc), target); }

    /** JMP [base + disp]. */
    void jmpMem(int base, int disp) {
        rex(false, 0, 0, base, false);
        b(0xff);
        memory(4, base, -1, 0, disp);
    }

    void jmpReg(int reg) {
        rex(false, 0, 0, reg, false);
        b(0xff);
        b(0xe0 | reg & 7);
    }

    void push(int reg) {
        rex(false, 0, 0, reg, false);
        b(0x50 | reg & 7);
    }

    void pop(int reg) {
        rex(false, 0, 0, reg, false);
        b(0x58 | reg & 7);
    }

    /** VMOVUPS ymm, [base + disp] or back. */
    void wideVec(boolean load, int ymm, int base, int disp) {
        b(0xc4);
        b((ymm < 8 ? 0x80 : 0) | 0x40 | (base < 8 ? 0x20 : 0) | 1);
        b(0x7c);
        b(load ? 0x10 : 0x11);
        memory(ymm, base, -1, 0, disp);
    }

    void vzeroupper() {
        b(0xc5);
        b(0xf8);
        b(0x77);
    }

    /** MOVUPS xmm, [base + disp] or back. */
    void vec(boolean load, int xmm, int base, int disp) {
        rex(false, xmm, 0, base, false);
        b(0x0f);
        b(load ? 0x10 : 0x11);
        memory(xmm, base, -1, 0, disp);
    }
}
