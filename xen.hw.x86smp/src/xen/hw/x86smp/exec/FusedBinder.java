package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/** CMP or TEST and the conditional jump behind it as one handler; the flags are left as the CMP or TEST would. */
final class FusedBinder {
    private FusedBinder() {}

    /** Null if the pair does not fuse. */
    static Op bind(Binding first, Binding jump) {
        boolean jcc = jump.i.opcode >> 4 == (jump.i.row.map == 0 ? 7 : 8) && jump.i.k0 == Insn.REL && jump.i.op.compareTo(Opcode.JO) >= 0 && jump.i.row.flagsRead != 0
                && jump.i.op.name().charAt(0) == 'J';
        if (!jcc) {
            return null;
        }
        int cc = jump.i.opcode & 15, to = jump.target(), next = jump.next;
        Insn i = first.i;
        boolean rr = first.gpr(0) && first.gpr(1) && i.size >= 4, ri = first.gpr(0) && first.imm(1) && i.size >= 4;
        if (i.op == Opcode.CMP && FlagRules.compareTable(cc) >= 0) {
            int t = FlagRules.compareTable(cc);
            return rr ? i.size == 8 ? new CmpRR64(t, to, next, first.reg(0), first.reg(1)) : new CmpRR32(t, to, next, first.reg(0), first.reg(1))
                    : ri ? i.size == 8 ? new CmpRI64(t, to, next, first.reg(0), (int) i.imm) : new CmpRI32(t, to, next, first.reg(0), (int) i.imm)
                    : general(first, t, to, next);
        }
        boolean byResult = cc >> 1 == 2 || cc >> 1 == 4;
        if (byResult && first.gpr(0) && i.size >= 4 && (i.op == Opcode.INC || i.op == Opcode.DEC)) {
            return new StepOps.Jump(FlagRules.logicTable(cc), to, next, first.reg(0), i.op == Opcode.INC ? 1 : -1, i.size);
        }
        if (ri && byResult && i.op == Opcode.ADD) {
            return new StepOps.AddJump(FlagRules.logicTable(cc), to, next, first.reg(0), (int) i.imm, i.size);
        }
        if (ri && i.op == Opcode.SUB && FlagRules.compareTable(cc) >= 0) {
            return new StepOps.SubJump(FlagRules.compareTable(cc), to, next, first.reg(0), (int) i.imm, i.size);
        }
        if (i.op == Opcode.TEST && FlagRules.logicTable(cc) >= 0) {
            int t = FlagRules.logicTable(cc);
            return rr ? i.size == 8 ? new TestRR64(t, to, next, first.reg(0), first.reg(1)) : new TestRR32(t, to, next, first.reg(0), first.reg(1))
                    : general(first, t, to, next);
        }
        return null;
    }

    private static Op general(Binding first, int t, int to, int next) {
        Insn i = first.i;
        Op o = FusedMemory.bind(first, t, to, next);
        if (o != null) {
            return o;
        }
        long imm = Loc.signed(i.size, i.imm);
        return i.op == Opcode.CMP ? new CmpAny(t, to, next, first.loc(0), first.locOrNull(1), imm)
                : new TestAny(t, to, next, first.loc(0), first.locOrNull(1), imm);
    }

    abstract static class Pair extends BranchOps.Direct {
        final byte table;

        Pair(int table, int target, int next) {
            super(target, next);
            this.table = (byte) table;
        }

        final void compare(InterpreterCpu c, long a, long b, long x) {
            FlagRules.set(c, FlagRules.SUB, x, a, b);
            go(c, (table >>> FlagRules.compareIndex(a, b) & 1) != 0);
        }

        final void test(InterpreterCpu c, long x) {
            FlagRules.logic(c, x);
            go(c, (table >>> FlagRules.logicIndex(x) & 1) != 0);
        }
    }

    static final class CmpRR64 extends Pair {
        private final byte d, s;

        CmpRR64(int table, int target, int next, int d, int s) {
            super(table, target, next);
            this.d = (byte) d;
            this.s = (byte) s;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a = Raw.get64(r + d), b = Raw.get64(r + s);
            compare(c, a, b, a - b);
        }
    }

    static final class CmpRR32 extends Pair {
        private final byte d, s;

        CmpRR32(int table, int target, int next, int d, int s) {
            super(table, target, next);
            this.d = (byte) d;
            this.s = (byte) s;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), b = Raw.get32(r + s);
            compare(c, a, b, a - b);
        }
    }

    static final class CmpRI64 extends Pair {
        private final byte d;
        private final int b;

        CmpRI64(int table, int target, int next, int d, int b) {
            super(table, target, next);
            this.d = (byte) d;
            this.b = b;
        }

        @Override public void exec(InterpreterCpu c) {
            long a = Raw.get64(c.regs + d);
            compare(c, a, b, a - b);
        }
    }

    static final class CmpRI32 extends Pair {
        private final byte d;
        private final int b;

        CmpRI32(int table, int target, int next, int d, int b) {
            super(table, target, next);
            this.d = (byte) d;
            this.b = b;
        }

        @Override public void exec(InterpreterCpu c) {
            int a = Raw.get32(c.regs + d);
            compare(c, a, b, a - b);
        }
    }

    static final class CmpAny extends Pair {
        private final Loc d, s;
        private final long imm;

        CmpAny(int table, int target, int next, Loc d, Loc s, long imm) {
            super(table, target, next);
            this.d = d;
            this.s = s;
            this.imm = imm;
        }

        @Override public void exec(InterpreterCpu c) {
            long a = d.get(c), b = s == null ? imm : s.get(c);
            compare(c, a, b, Loc.signed(d.size, a - b));
        }
    }

    static final class TestRR64 extends Pair {
        private final byte d, s;

        TestRR64(int table, int target, int next, int d, int s) {
            super(table, target, next);
            this.d = (byte) d;
            this.s = (byte) s;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            test(c, Raw.get64(r + d) & Raw.get64(r + s));
        }
    }

    static final class TestRR32 extends Pair {
        private final byte d, s;

        TestRR32(int table, int target, int next, int d, int s) {
            super(table, target, next);
            this.d = (byte) d;
            this.s = (byte) s;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            test(c, Raw.get32(r + d) & Raw.get32(r + s));
        }
    }

    static final class TestAny extends Pair {
        private final Loc d, s;
        private final long imm;

        TestAny(int table, int target, int next, Loc d, Loc s, long imm) {
            super(table, target, next);
            this.d = d;
            this.s = s;
            this.imm = imm;
        }

        @Override public void exec(InterpreterCpu c) {
            test(c, d.get(c) & (s == null ? imm : s.get(c)));
        }
    }
}
