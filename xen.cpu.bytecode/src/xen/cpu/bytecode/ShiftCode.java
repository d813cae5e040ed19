package xen.cpu.bytecode;

import java.lang.classfile.Label;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.rules.Flags;
import xen.kernel.api.hw.VcpuContext;

/** Writes shifts and rotates; the destination's memory is checked already. */
final class ShiftCode {
    private final Code c;
    private final FlagCode flags;
    private final IntegerCode operands;

    ShiftCode(Code c, FlagCode flags, IntegerCode operands) {
        this.c = c;
        this.flags = flags;
        this.operands = operands;
    }

    void emit(Insn i, boolean dead) {
        int mask = i.size == 8 ? 63 : 31;
        boolean known = i.k1 == Insn.IMM;
        int n = (int) i.imm & mask;
        if (known && n == 0) {
            same(i);
            return;
        }
        if (known) {
            c.constant(n);
        } else {
            c.load(Code.gpr(VcpuContext.RCX));
            c.b.l2i();
            c.constant(mask);
            c.b.iand();
        }
        c.b.istore(Code.N);
        boolean rotate = i.op == Opcode.ROL || i.op == Opcode.ROR;
        if (dead) {
            if (rotate) {
                rotated(i);
            } else {
                operands.read(i, 0, i.op == Opcode.SAR);
                step(i.op, () -> c.b.iload(Code.N));
            }
            operands.write(i, 0);
            return;
        }
        Label none = c.label(), end = c.label();
        if (!known) {
            c.b.iload(Code.N).ifeq(none);
        }
        if (rotate) {
            rotated(i);
            c.store(Code.T);
            c.load(Code.T);
            operands.write(i, 0);
            flags.change(i.op == Opcode.ROL ? "rotatedLeft" : "rotatedRight", "JI", () -> {
                c.load(Code.T);
                c.constant(8 * i.size);
            });
        } else {
            shifted(i);
        }
        if (!known) {
            c.b.goto_(end);
            c.at(none);
            same(i);
            c.at(end);
            flags.unknown();
        }
    }

    /** Nothing is shifted; a 32-bit register loses its upper half all the same. */
    private void same(Insn i) {
        operands.read(i, 0, false);
        operands.write(i, 0);
    }

    /** FA = the operand but for the last step. */
    private void shifted(Insn i) {
        operands.read(i, 0, i.op == Opcode.SAR);
        step(i.op, () -> c.b.iload(Code.N).iconst_1().isub());
        if (i.op == Opcode.SHR) {
            // unsigned so far
            c.store(Code.T);
            c.load(Code.T);
            c.signed(i.size);
            c.store(Code.FA);
            c.load(Code.T);
        } else {
            c.signed(i.size);
            c.keep(Code.FA);
        }
        step(i.op, () -> c.b.iconst_1());
        c.signed(i.size);
        c.keep(Code.FR);
        operands.write(i, 0);
        flags.written(i.op == Opcode.SHL ? Flags.SHL : i.op == Opcode.SHR ? Flags.SHR : Flags.SAR, i.size);
    }

    private void step(Opcode op, Runnable count) {
        count.run();
        switch (op) {
            case SHL -> c.b.lshl();
            case SHR -> c.b.lushr();
            default -> c.b.lshr();
        }
    }

    private void rotated(Insn i) {
        operands.read(i, 0, false);
        String name = i.op == Opcode.ROL ? "rotateLeft" : "rotateRight";
        if (i.size == 8) {
            c.b.iload(Code.N);
            c.longs(name, "(JI)J");
        } else if (i.size == 4) {
            c.b.l2i().iload(Code.N);
            c.integers(name, "(II)I");
            c.b.i2l();
        } else {
            if (i.op == Opcode.ROL) {
                c.b.iload(Code.N);
            } else {
                c.constant(64);
                c.b.iload(Code.N).isub();
            }
            c.constant(8 * i.size);
            c.partial("rotate", "(JII)J");
        }
    }
}
