package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** PUSH, POP and what else moves the stack pointer without a jump. rSP changes last, so a fault leaves the instruction restartable. */
final class StackOps {
    static final int RSP = VcpuContext.GPR + VcpuContext.RSP * 8, RBP = VcpuContext.GPR + VcpuContext.RBP * 8;

    private StackOps() {}

    static final class Push64 extends Op {
        private final byte s;

        Push64(int s) { this.s = (byte) s; }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, sp = Raw.get64(r + RSP) - 8;
            c.store64(sp, Raw.get64(r + s));
            Raw.put64(r + RSP, sp);
        }
    }

    static final class Pop64 extends Op {
        private final byte d;

        Pop64(int d) { this.d = (byte) d; }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, sp = Raw.get64(r + RSP), v = c.load64(sp);
            Raw.put64(r + RSP, sp + 8);
            Raw.put64(r + d, v);
        }
    }

    static final class PushImm64 extends Op {
        private final long value;

        PushImm64(long value) { this.value = value; }

        @Override public void exec(InterpreterCpu c) { push(c, 8, value); }
    }

    /** Any operand and size; a null source is the immediate. */
    static final class Push extends Op {
        private final Loc s;
        private final long value;
        private final int size;

        Push(Loc s, long value, int size) {
            this.s = s;
            this.value = value;
            this.size = size;
        }

        @Override public void exec(InterpreterCpu c) { push(c, size, s == null ? value : s.getU(c)); }
    }

    /** POP of any size to register or memory; an address built on rSP sees it already incremented. */
    static final class Pop extends Op {
        private final Loc d;

        Pop(Loc d) { this.d = d; }

        @Override public void exec(InterpreterCpu c) {
            long sp = pointer(c);
            long v = load(c, d.size, sp);
            if (d.ea != null) {
                long va = d.ea.of(c) + (d.ea.base == RSP ? d.size : 0) & (c.longMode ? -1L : 0xffff_ffffL);
                switch (d.size) {
                    case 2 -> c.store16(va, (int) v);
                    case 4 -> c.store32(va, (int) v);
                    default -> c.store64(va, v);
                }
                pointer(c, sp + d.size);
            } else {
                pointer(c, sp + d.size);
                d.put(c, v);
            }
        }
    }

    static final class Pushf extends Op {
        private final int size;

        Pushf(int size) { this.size = size; }

        // VM and RF read as 0.
        @Override public void exec(InterpreterCpu c) { push(c, size, c.flags() & 0xfcffffL); }
    }

    /** POPF at CPL 3 with IOPL 0: IF and IOPL stay. Ends its block, because TF may come on. */
    static final class Popf extends Op {
        private final int size, next;

        Popf(int size, int next) {
            this.size = size;
            this.next = next;
        }

        @Override public void exec(InterpreterCpu c) {
            long sp = pointer(c);
            long v = load(c, size, sp);
            pointer(c, sp + size);
            setFlags(c, v, size);
            BranchOps.fall(c, next);
        }
    }

    static void setFlags(InterpreterCpu c, long v, int size) {
        long mask = LazyFlags.ARITHMETIC | LazyFlags.TF | LazyFlags.DF | LazyFlags.NT | (size == 2 ? 0 : LazyFlags.AC | LazyFlags.ID);
        c.flags(c.flags() & ~mask | v & mask);
    }

    static final class Leave extends Op {
        private final int size;

        Leave(int size) { this.size = size; }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, bp = Raw.get64(r + RBP) & width(c);
            long v = load(c, size, bp);
            pointer(c, bp + size);
            if (size == 8) {
                Raw.put64(r + RBP, v);
            } else if (size == 4) {
                Raw.put64(r + RBP, v & 0xffff_ffffL);
            } else {
                Raw.put16(r + RBP, (int) v);
            }
        }
    }

    static final class Enter extends Op {
        private final int size, bytes, level;

        Enter(int size, int bytes, int level) {
            this.size = size;
            this.bytes = bytes;
            this.level = level & 31;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, w = width(c), sp = pointer(c) - size & w, frame = sp;
            long bp = Raw.get64(r + RBP);
            store(c, size, sp, bp);
            if (level > 0) {
                for (int i = 1; i < level; i++) {
                    long display = load(c, size, bp - (long) i * size & w);
                    sp = sp - size & w;
                    store(c, size, sp, display);
                }
                sp = sp - size & w;
                store(c, size, sp, frame);
            }
            sp = sp - bytes & w;
            // The new top is probed for writing, as the manual's last check.
            c.rmw(linear(c, sp), size);
            if (size == 2) {
                Raw.put16(r + RBP, (int) frame);
            } else {
                Raw.put64(r + RBP, size == 4 ? frame & 0xffff_ffffL : frame);
            }
            pointer(c, sp);
        }
    }

    /** PUSHA and POPA, compatibility mode only. */
    static final class All extends Op {
        private final int size;
        private final boolean pop;

        All(int size, boolean pop) {
            this.size = size;
            this.pop = pop;
        }

        @Override public void exec(InterpreterCpu c) {
            long r = c.regs, sp = pointer(c);
            if (pop) {
                long[] v = new long[8];
                for (int i = 7; i >= 0; i--) {
                    v[i] = load(c, size, sp & 0xffff_ffffL);
                    sp += size;
                }
                for (int i = 0; i < 8; i++) {
                    if (i != VcpuContext.RSP) {
                        if (size == 4) {
                            Raw.put64(r + i * 8, v[i]);
                        } else {
                            Raw.put16(r + i * 8, (int) v[i]);
                        }
                    }
                }
            } else {
                for (int i = 0; i < 8; i++) {
                    sp = sp - size & 0xffff_ffffL;
                    store(c, size, sp, Raw.get64(r + i * 8));
                }
            }
            pointer(c, sp);
        }
    }

    /** Stack addresses are 64 bits wide in 64-bit mode, 32 bits in compatibility mode. */
    static long width(InterpreterCpu c) { return c.longMode ? -1L : 0xffff_ffffL; }

    static long pointer(InterpreterCpu c) { return Raw.get64(c.regs + RSP) & width(c); }

    static void pointer(InterpreterCpu c, long v) { Raw.put64(c.regs + RSP, v & width(c)); }

    static void push(InterpreterCpu c, int size, long v) {
        long sp = pointer(c) - size & width(c);
        store(c, size, sp, v);
        pointer(c, sp);
    }

    static long load(InterpreterCpu c, int size, long at) {
        long va = linear(c, at);
        return switch (size) {
            case 2 -> c.load16(va);
            case 4 -> c.load32(va);
            default -> c.load64(va);
        };
    }

    /** Of an offset in the stack segment, which is flat but for odd 32-bit programs. */
    private static long linear(InterpreterCpu c, long at) { return c.segmented ? c.compatLinear(SlowAccess.slot(VcpuContext.SS), at) : at; }

    static void store(InterpreterCpu c, int size, long at, long v) {
        long va = linear(c, at);
        switch (size) {
            case 2 -> c.store16(va, (int) v);
            case 4 -> c.store32(va, (int) v);
            default -> c.store64(va, v);
        }
    }
}
