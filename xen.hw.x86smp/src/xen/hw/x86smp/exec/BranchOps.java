package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;

/**
 * Jumps, calls and returns inside the code segment. A direct target is kept relative to the block's page, so a block serves every
 * address space; in the same page it is linked, else looked up.
 */
final class BranchOps {
    private BranchOps() {}

    /** A direct branch: {@code target} and {@code next} are page offsets, below 0 or from 4096 in another page. */
    abstract static class Direct extends Op {
        final int target;
        final short next;
        private boolean compat;

        Direct(int target, int next) {
            this.target = target;
            this.next = (short) next;
        }

        /** Addresses wrap at 4 GiB; before anybody else sees the op. */
        final void compat() { compat = true; }

        private long address(InterpreterCpu c, int offset) {
            long a = c.page + offset;
            return compat ? a & 0xffff_ffffL : a;
        }

        final void go(InterpreterCpu c, boolean taken) {
            if (taken) {
                take(c);
            } else {
                boolean near = next < 4096;
                c.rip = address(c, next);
                c.next = near ? c.block.fall : null;
                c.link = near ? InterpreterCpu.LINK_FALL : InterpreterCpu.LINK_NONE;
            }
        }

        final void take(InterpreterCpu c) {
            boolean near = (target & -4096) == 0;
            c.rip = address(c, target);
            c.next = near ? c.block.taken : null;
            c.link = near ? InterpreterCpu.LINK_TAKEN : InterpreterCpu.LINK_NONE;
        }
    }

    static long address(InterpreterCpu c, int offset) {
        long a = c.page + offset;
        return c.longMode ? a : a & 0xffff_ffffL;
    }

    /** What a call pushes: the offset in the code segment. */
    static long returnAddress(InterpreterCpu c, int next) {
        long a = address(c, next);
        return c.codeBase == 0 ? a : a - c.codeBase & 0xffff_ffffL;
    }

    /** Where an offset in the code segment leads. */
    static long target(InterpreterCpu c, long to) { return c.segmented ? c.checkedCodeLinear(to) : checked(c, to); }

    /** Control goes on at page offset {@code next} (a terminator that did not jump). */
    static void fall(InterpreterCpu c, int next) {
        c.rip = address(c, next);
        c.next = null;
        c.link = InterpreterCpu.LINK_NONE;
    }

    /** Control goes to an address that is not known before; a non-canonical one is #GP on the branch. */
    static void indirect(InterpreterCpu c, long to) {
        c.rip = to;
        c.next = null;
        c.link = InterpreterCpu.LINK_NONE;
    }

    static long checked(InterpreterCpu c, long to) {
        if (to << 16 >> 16 != to) {
            throw c.raise(GuestAccess.VECTOR_GP, 0);
        }
        return to;
    }

    static final class Jmp extends Direct {
        Jmp(int target) { super(target, 0); }

        @Override public void exec(InterpreterCpu c) { take(c); }
    }

    static final class Jcc extends Direct {
        private final byte cc;

        Jcc(int cc, int target, int next) {
            super(target, next);
            this.cc = (byte) cc;
        }

        @Override public void exec(InterpreterCpu c) { go(c, FlagRules.test(c, cc)); }
    }

    /** Behind a flag writer of a known kind in the same block: E, NE, S, NS by result alone, the rest behind logic. */
    static final class JccResult extends Direct {
        private final byte table;

        JccResult(int table, int target, int next) {
            super(target, next);
            this.table = (byte) table;
        }

        @Override public void exec(InterpreterCpu c) { go(c, (table >>> FlagRules.logicIndex(c.fr) & 1) != 0); }
    }

    /** Behind a subtraction or compare in the same block. */
    static final class JccCompare extends Direct {
        private final byte table;

        JccCompare(int table, int target, int next) {
            super(target, next);
            this.table = (byte) table;
        }

        @Override public void exec(InterpreterCpu c) { go(c, (table >>> FlagRules.compareIndex(c.fa, c.fb) & 1) != 0); }
    }

    /** LOOPNE (0), LOOPE (1), LOOP (2), JRCXZ (3): the opcode's low bits; the counter has address size. */
    static final class Loop extends Direct {
        private final int what, asz;

        Loop(int what, int asz, int target, int next) {
            super(target, next);
            this.what = what;
            this.asz = asz;
        }

        @Override public void exec(InterpreterCpu c) {
            long rcx = c.regs + 8, n = Loc.unsigned(rcx, asz);
            if (what == 3) {
                go(c, n == 0);
                return;
            }
            n = n - 1 & Loc.mask(asz);
            if (asz == 2) {
                Raw.put16(rcx, (int) n);
            } else {
                Raw.put64(rcx, n);
            }
            go(c, n != 0 && (what == 2 || FlagRules.zf(c) == (what == 1)));
        }
    }

    static final class Call extends Direct {
        Call(int target, int next) { super(target, next); }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, sp = Raw.get64(r + StackOps.RSP) - 8;
            c.store64(sp, c.page + next);
            Raw.put64(r + StackOps.RSP, sp);
            take(c);
        }
    }

    static final class Ret extends Op {
        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, sp = Raw.get64(r + StackOps.RSP), to = checked(c, c.load64(sp));
            Raw.put64(r + StackOps.RSP, sp + 8);
            indirect(c, to);
        }
    }

    /** Compatibility mode, and RET n. */
    static final class RetAny extends Op {
        private final int size, bytes;

        RetAny(int size, int bytes) {
            this.size = size;
            this.bytes = bytes;
        }

        @Override public void exec(InterpreterCpu c) {
            long sp = StackOps.pointer(c), to = target(c, StackOps.load(c, size, sp));
            StackOps.pointer(c, sp + size + bytes);
            indirect(c, to);
        }
    }

    static final class CallAny extends Direct {
        private final int size;

        CallAny(int size, int target, int next) {
            super(target, next);
            this.size = size;
        }

        @Override public void exec(InterpreterCpu c) {
            StackOps.push(c, size, returnAddress(c, next));
            if (size == 2) {
                indirect(c, c.codeLinear(BranchOps.address(c, target) - c.codeBase & 0xffff));
            } else {
                take(c);
            }
        }
    }

    static final class JmpIndirect extends Op {
        private final Loc to;

        JmpIndirect(Loc to) { this.to = to; }

        @Override public void exec(InterpreterCpu c) { indirect(c, target(c, to.getU(c))); }
    }

    static final class CallIndirect extends Op {
        private final Loc to;
        private final int next;

        CallIndirect(Loc to, int next) {
            this.to = to;
            this.next = next;
        }

        @Override public void exec(InterpreterCpu c) {
            long a = target(c, to.getU(c));
            StackOps.push(c, to.size, returnAddress(c, next));
            indirect(c, a);
        }
    }
}
