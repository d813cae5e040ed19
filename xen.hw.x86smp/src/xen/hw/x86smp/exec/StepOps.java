package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;

/** Hot INC and DEC of registers: they keep the carry of the flag writer before, which is taken along at once. */
final class StepOps {
    private StepOps() {}

    /** The carry to keep, 0 or 1; behind another INC or DEC without looking further. */
    static long carry(InterpreterCpu c) {
        int k = c.fk;
        return k == FlagRules.INC || k == FlagRules.DEC ? c.fb : FlagRules.cf(c) ? 1 : 0;
    }

    static final class Step64 extends Op {
        private final byte d, kind, by;

        Step64(int d, int by) {
            this.d = (byte) d;
            this.by = (byte) by;
            kind = (byte) (by > 0 ? FlagRules.INC : FlagRules.DEC);
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a = Raw.get64(r + d), x = a + by;
            Raw.put64(r + d, x);
            FlagRules.set(c, kind, x, a, carry(c));
        }
    }

    static final class Step32 extends Op {
        private final byte d, kind, by;

        Step32(int d, int by) {
            this.d = (byte) d;
            this.by = (byte) by;
            kind = (byte) (by > 0 ? FlagRules.INC : FlagRules.DEC);
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int a = Raw.get32(r + d), x = a + by;
            Raw.put64(r + d, x & 0xffff_ffffL);
            FlagRules.set(c, kind, x, a, carry(c));
        }
    }

    /** INC or DEC and a jump on zero or sign. */
    static final class Jump extends FusedBinder.Pair {
        private final byte d, kind, by, size;

        Jump(int table, int target, int next, int d, int by, int size) {
            super(table, target, next);
            this.d = (byte) d;
            this.by = (byte) by;
            this.size = (byte) size;
            kind = (byte) (by > 0 ? FlagRules.INC : FlagRules.DEC);
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a, x;
            if (size == 8) {
                a = Raw.get64(r + d);
                x = a + by;
                Raw.put64(r + d, x);
            } else {
                a = Raw.get32(r + d);
                x = (int) a + by;
                Raw.put64(r + d, x & 0xffff_ffffL);
            }
            FlagRules.set(c, kind, x, a, carry(c));
            go(c, (table >>> FlagRules.logicIndex(x) & 1) != 0);
        }
    }

    /** ADD of an immediate and a jump on zero or sign. */
    static final class AddJump extends FusedBinder.Pair {
        private final byte d, size;
        private final int b;

        AddJump(int table, int target, int next, int d, int b, int size) {
            super(table, target, next);
            this.d = (byte) d;
            this.b = b;
            this.size = (byte) size;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a, x;
            if (size == 8) {
                a = Raw.get64(r + d);
                x = a + b;
                Raw.put64(r + d, x);
            } else {
                a = Raw.get32(r + d);
                x = (int) (a + b);
                Raw.put64(r + d, x & 0xffff_ffffL);
            }
            FlagRules.set(c, FlagRules.ADD, x, a, b);
            go(c, (table >>> FlagRules.logicIndex(x) & 1) != 0);
        }
    }

    /** SUB of an immediate and a jump on any comparison. */
    static final class SubJump extends FusedBinder.Pair {
        private final byte d, size;
        private final int b;

        SubJump(int table, int target, int next, int d, int b, int size) {
            super(table, target, next);
            this.d = (byte) d;
            this.b = b;
            this.size = (byte) size;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, a, x;
            if (size == 8) {
                a = Raw.get64(r + d);
                x = a - b;
                Raw.put64(r + d, x);
            } else {
                a = Raw.get32(r + d);
                x = (int) (a - b);
                Raw.put64(r + d, x & 0xffff_ffffL);
            }
            compare(c, a, b, x);
        }
    }
}
