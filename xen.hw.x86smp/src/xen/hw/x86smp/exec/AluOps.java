package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.engine.WideExchange;
import xen.kernel.api.hw.Raw;

/** Two-operand and one-operand arithmetic of every size, operand kind and with LOCK: what has no handler of its own. */
final class AluOps {
    private AluOps() {}

    /** ADD ADC SBB SUB AND OR XOR CMP TEST. */
    static final class Binary extends Op {
        private final Opcode op;
        private final Loc d;
        /** Null = immediate. */
        private final Loc s;
        private final long imm;
        private final boolean lock, writes;

        Binary(Opcode op, Loc d, Loc s, long imm, boolean lock) {
            this.op = op;
            this.d = d;
            this.s = s;
            this.imm = Loc.signed(d.size, imm);
            this.lock = lock;
            writes = op != Opcode.CMP && op != Opcode.TEST;
        }

        @Override public void exec(InterpreterCpu c) {
            if (!writes) {
                long a = d.get(c), b = s == null ? imm : s.get(c);
                flags(c, result(c, a, b), a, b);
                return;
            }
            // A memory source first: its fault must come before the destination is looked at.
            long b = s == null ? imm : s.get(c);
            long h = d.rmwHost(c, lock), a, x;
            do {
                a = Loc.signed(h, d.size);
                x = result(c, a, b);
            } while (lock && !d.cas(h, a, x));
            if (!lock) {
                d.commit(h, x);
            }
            flags(c, x, a, b);
        }

        private long result(InterpreterCpu c, long a, long b) {
            long x = switch (op) {
                case ADD -> a + b;
                case ADC -> a + b + (FlagRules.cf(c) ? 1 : 0);
                case SBB -> a - b - (FlagRules.cf(c) ? 1 : 0);
                case SUB, CMP -> a - b;
                case OR -> a | b;
                case XOR -> a ^ b;
                default -> a & b;
            };
            return Loc.signed(d.size, x);
        }

        private void flags(InterpreterCpu c, long x, long a, long b) {
            switch (op) {
                case ADD, ADC -> FlagRules.set(c, FlagRules.ADD, x, a, b);
                case SBB -> FlagRules.set(c, FlagRules.SBB, x, a, b);
                case SUB, CMP -> FlagRules.set(c, FlagRules.SUB, x, a, b);
                default -> FlagRules.logic(c, x);
            }
        }
    }

    /** INC DEC NEG NOT. */
    static final class Unary extends Op {
        private final Opcode op;
        private final Loc d;
        private final boolean lock;

        Unary(Opcode op, Loc d, boolean lock) {
            this.op = op;
            this.d = d;
            this.lock = lock;
        }

        @Override public void exec(InterpreterCpu c) {
            long h = d.rmwHost(c, lock), a, x;
            do {
                a = Loc.signed(h, d.size);
                x = Loc.signed(d.size, switch (op) {
                    case INC -> a + 1;
                    case DEC -> a - 1;
                    case NEG -> -a;
                    default -> ~a;
                });
            } while (lock && !d.cas(h, a, x));
            if (!lock) {
                d.commit(h, x);
            }
            switch (op) {
                case INC -> FlagRules.set(c, FlagRules.INC, x, a, FlagRules.cf(c) ? 1 : 0);
                case DEC -> FlagRules.set(c, FlagRules.DEC, x, a, FlagRules.cf(c) ? 1 : 0);
                case NEG -> FlagRules.set(c, FlagRules.SUB, x, 0, a);
                default -> { }
            }
        }
    }

    /** XADD. */
    static final class Xadd extends Op {
        private final Loc d, s;
        private final boolean lock;

        Xadd(Loc d, Loc s, boolean lock) {
            this.d = d;
            this.s = s;
            this.lock = lock;
        }

        @Override public void exec(InterpreterCpu c) {
            long b = s.get(c);
            long h = d.rmwHost(c, lock), a, x;
            do {
                a = Loc.signed(h, d.size);
                x = Loc.signed(d.size, a + b);
            } while (lock && !d.cas(h, a, x));
            s.put(c, a);
            if (!lock) {
                d.commit(h, x);
            }
            FlagRules.set(c, FlagRules.ADD, x, a, b);
        }
    }

    /** CMPXCHG. The destination is always written (SDM: with its old value when unequal), so it must be writable. */
    static final class Cmpxchg extends Op {
        private final Loc d, s, acc;
        private final boolean lock;

        Cmpxchg(Loc d, Loc s, Loc acc, boolean lock) {
            this.d = d;
            this.s = s;
            this.acc = acc;
            this.lock = lock;
        }

        @Override public void exec(InterpreterCpu c) {
            long want = acc.get(c), v = s.get(c);
            long h = d.rmwHost(c, lock), a;
            boolean equal;
            do {
                a = Loc.signed(h, d.size);
                equal = a == want;
            } while (lock && equal && !d.cas(h, a, v));
            if (lock && !equal) {
                // a locked instruction orders memory also when it stores nothing
                Raw.fullFence();
            }
            if (!equal) {
                // A 32-bit register destination is written back too, which clears its upper half on some CPUs only: it is left alone.
                acc.put(c, a);
            } else if (!lock) {
                d.commit(h, v);
            }
            FlagRules.set(c, FlagRules.SUB, Loc.signed(d.size, want - a), want, a);
        }
    }

    /** CMPXCHG8B and CMPXCHG16B. Java has no atomic 16 bytes: with LOCK the engine's host code does it, or it is done with the other CPUs stopped. */
    static final class CmpxchgPair extends Op {
        private final Ea ea;
        private final int half;
        private final boolean lock;

        CmpxchgPair(Ea ea, int half, boolean lock) {
            this.ea = ea;
            this.half = half;
            this.lock = lock;
        }

        @Override public void exec(InterpreterCpu c) {
            long va = ea.of(c), r = c.regs;
            if (half == 8 && (va & 15) != 0) {
                throw c.raise(GuestAccess.VECTOR_GP, 0);
            }
            boolean equal;
            if (half == 4) {
                equal = exchange8(r, lock ? c.rmwLocked(va, 8) : c.rmw(va, 8));
            } else {
                boolean atomic = lock && c.concurrent && !c.alone;
                WideExchange wide = atomic ? c.wideExchange() : null;
                if (atomic && wide == null) {
                    c.exclusive();
                }
                long h = c.rmw(va, 16);
                // staged (a store hook): nobody else sees it
                equal = atomic && !c.staged() ? wide.exchange(r, h) : exchange16(r, h);
            }
            FlagRules.change(c, LazyFlags.ZF, equal ? LazyFlags.ZF : 0);
        }
    }

    private static boolean exchange8(long r, long h) {
        long old, want = Raw.getU32(r) | Raw.getU32(r + 16) << 32, v = Raw.getU32(r + 24) | Raw.getU32(r + 8) << 32;
        do {
            old = Raw.get64(h);
        } while (old == want && !Raw.cas64(h, old, v));
        if (old != want) {
            Raw.fullFence();
            Raw.put64(r, old & 0xffff_ffffL);
            Raw.put64(r + 16, old >>> 32);
        }
        return old == want;
    }

    private static boolean exchange16(long r, long h) {
        long low = Raw.get64(h), high = Raw.get64(h + 8);
        if (low == Raw.get64(r) && high == Raw.get64(r + 16)) {
            Raw.put64(h, Raw.get64(r + 24));
            Raw.put64(h + 8, Raw.get64(r + 8));
            return true;
        }
        Raw.put64(r, low);
        Raw.put64(r + 16, high);
        return false;
    }

    /** ADCX and ADOX: add with one flag as carry, the others untouched. */
    static final class AddWith extends Op {
        private final Loc d, s;
        private final int flag;

        AddWith(Loc d, Loc s, int flag) {
            this.d = d;
            this.s = s;
            this.flag = flag;
        }

        @Override public void exec(InterpreterCpu c) {
            long b = s.get(c), a = d.get(c), f = c.arithmetic();
            long x = Loc.signed(d.size, a + b + ((f & flag) != 0 ? 1 : 0));
            boolean carry = (a & b | (a | b) & ~x) < 0;
            d.put(c, x);
            FlagRules.raw(c, f & ~flag | (carry ? flag : 0));
        }
    }
}
