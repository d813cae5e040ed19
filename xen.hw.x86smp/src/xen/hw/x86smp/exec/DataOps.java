package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;

/** Data movement of every size and operand kind: MOV, extensions, exchanges, conditional moves, byte swaps, accumulator conversions. */
final class DataOps {
    private DataOps() {}

    /** MOV, MOVZX, MOVSX, MOVSXD, MOVNTI with any operands; the source is read in its own size. */
    static final class Mov extends Op {
        private final Loc d, s;
        private final boolean signed;

        Mov(Loc d, Loc s, boolean signed) {
            this.d = d;
            this.s = s;
            this.signed = signed;
        }

        @Override public void exec(InterpreterCpu c) { d.put(c, signed ? s.get(c) : s.getU(c)); }
    }

    static final class MovImm extends Op {
        private final Loc d;
        private final long value;

        MovImm(Loc d, long value) {
            this.d = d;
            this.value = value;
        }

        @Override public void exec(InterpreterCpu c) { d.put(c, value); }
    }

    /** LEA with a 16-bit destination, or a displacement beyond 32 bits. */
    static final class Lea extends Op {
        private final Loc d;
        private final Ea ea;

        Lea(Loc d, Ea ea) {
            this.d = d;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) { d.put(c, ea.offset(c)); }
    }

    /** XCHG; with memory always locked. */
    static final class Xchg extends Op {
        private final Loc d, s;

        Xchg(Loc d, Loc s) {
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            long v = s.get(c);
            long h = d.rmwHost(c, true), old;
            if (d.memory()) {
                do {
                    old = Loc.signed(h, d.size);
                } while (!d.cas(h, old, v));
            } else {
                old = Loc.signed(h, d.size);
                d.commit(h, v);
            }
            s.put(c, old);
        }
    }

    /** CMOVcc: the source is always read, and a 32-bit destination always loses its upper half. */
    static final class Cmov extends Op {
        private final int cc;
        private final Loc d, s;

        Cmov(int cc, Loc d, Loc s) {
            this.cc = cc;
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            long v = s.get(c);
            d.put(c, FlagRules.test(c, cc) ? v : d.get(c));
        }
    }

    /** CMOVcc behind a compare in the same block, 32 or 64 bits in registers. */
    static final class CmovCompare extends Op {
        private final byte table, d, s;
        private final long mask;

        CmovCompare(int table, int d, int s, int size) {
            this.table = (byte) table;
            this.d = (byte) d;
            this.s = (byte) s;
            mask = Loc.mask(size);
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int from = (table >>> FlagRules.compareIndex(c.fa, c.fb) & 1) != 0 ? s : d;
            Raw.put64(r + d, Raw.get64(r + from) & mask);
        }
    }

    /** SETcc behind a compare in the same block, to a low byte register. */
    static final class SetCompare extends Op {
        private final byte table, d;

        SetCompare(int table, int d) {
            this.table = (byte) table;
            this.d = (byte) d;
        }

        @Override public void exec(InterpreterCpu c) {
            Raw.put8(c.regs + d, table >>> FlagRules.compareIndex(c.fa, c.fb) & 1);
        }
    }

    /** SETcc behind a known result in the same block. */
    static final class SetResult extends Op {
        private final byte table, d;

        SetResult(int table, int d) {
            this.table = (byte) table;
            this.d = (byte) d;
        }

        @Override public void exec(InterpreterCpu c) {
            Raw.put8(c.regs + d, table >>> FlagRules.logicIndex(c.fr) & 1);
        }
    }

    /** CMOVcc behind a known result in the same block, 32 or 64 bits in registers. */
    static final class CmovResult extends Op {
        private final byte table, d, s;
        private final long mask;

        CmovResult(int table, int d, int s, int size) {
            this.table = (byte) table;
            this.d = (byte) d;
            this.s = (byte) s;
            mask = Loc.mask(size);
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            int from = (table >>> FlagRules.logicIndex(c.fr) & 1) != 0 ? s : d;
            Raw.put64(r + d, Raw.get64(r + from) & mask);
        }
    }

    static final class Set extends Op {
        private final int cc;
        private final Loc d;

        Set(int cc, Loc d) {
            this.cc = cc;
            this.d = d;
        }

        @Override public void exec(InterpreterCpu c) { d.put(c, FlagRules.test(c, cc) ? 1 : 0); }
    }

    static final class Bswap extends Op {
        private final Loc d;

        Bswap(Loc d) { this.d = d; }

        @Override public void exec(InterpreterCpu c) {
            // With 16 bits the result is undefined; the silicon we know clears the register.
            d.put(c, d.size == 2 ? 0 : swap(d.getU(c), d.size));
        }
    }

    static final class Movbe extends Op {
        private final Loc d, s;

        Movbe(Loc d, Loc s) {
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) { d.put(c, swap(s.getU(c), d.size)); }
    }

    static long swap(long v, int size) { return Long.reverseBytes(v) >>> 64 - 8 * size; }

    /** CBW, CWDE, CDQE: the accumulator from half of its size. */
    static final class Widen extends Op {
        private final int size;

        Widen(int size) { this.size = size; }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            switch (size) {
                case 2 -> Raw.put16(r, (byte) Raw.get8(r));
                case 4 -> Raw.put64(r, (short) Raw.get16(r) & 0xffff_ffffL);
                default -> Raw.put64(r, Raw.get32(r));
            }
        }
    }

    /** CWD, CDQ, CQO: the accumulator's sign through rDX. */
    static final class SignToRdx extends Op {
        private final int size;

        SignToRdx(int size) { this.size = size; }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, sign = Loc.signed(r, size) >> 63;
            switch (size) {
                case 2 -> Raw.put16(r + 16, (int) sign);
                case 4 -> Raw.put64(r + 16, sign & 0xffff_ffffL);
                default -> Raw.put64(r + 16, sign);
            }
        }
    }

    /** XLAT: the address is rBX plus AL unsigned, by address size. */
    static final class Xlat extends Op {
        private final Ea base;

        Xlat(Ea base) { this.base = base; }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs;
            long va = base.linear(c, Raw.get64(r + 24) + Raw.get8(r));
            Raw.put8(r, c.load8(va));
        }
    }

    static final class Nop extends Op {
        @Override public void exec(InterpreterCpu c) { }
    }

    /** CLFLUSH: checks like a load. */
    static final class Touch extends Op {
        private final Ea ea;

        Touch(Ea ea) { this.ea = ea; }

        @Override public void exec(InterpreterCpu c) { c.load8(ea.of(c)); }
    }

    static final class Fence extends Op {
        @Override public void exec(InterpreterCpu c) { Raw.fullFence(); }
    }

    /** CMC CLC STC CLD STD LAHF SAHF. */
    static final class Flags extends Op {
        private final Opcode op;

        Flags(Opcode op) { this.op = op; }

        @Override public void exec(InterpreterCpu c) {
            int low = 0xd5;
            switch (op) {
                case CLC -> FlagRules.change(c, LazyFlags.CF, 0);
                case STC -> FlagRules.change(c, LazyFlags.CF, LazyFlags.CF);
                case CMC -> FlagRules.raw(c, c.arithmetic() ^ LazyFlags.CF);
                case CLD -> c.other &= ~LazyFlags.DF;
                case STD -> c.other |= LazyFlags.DF;
                case LAHF -> Raw.put8(c.regs + 1, (int) c.arithmetic() & low | 2);
                default -> FlagRules.change(c, low, Raw.get8(c.regs + 1));
            }
        }
    }
}
