package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Instructions on segment registers, descriptors and far pointers; the rules are in {@link Segments}. */
final class SegmentOps {
    private SegmentOps() {}

    /** MOV to a data segment register. */
    static final class Load extends Op {
        private final int seg;
        private final Loc s;

        Load(int seg, Loc s) {
            this.seg = seg;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            int selector = (int) s.getU(c) & 0xffff;
            Segments.load(c, seg, selector, Segments.check(c, seg, selector));
        }
    }

    /** MOV from a segment register, PUSH (d null). */
    static final class Store extends Op {
        private final int seg, pushSize;
        private final Loc d;

        Store(int seg, Loc d, int pushSize) {
            this.seg = seg;
            this.d = d;
            this.pushSize = pushSize;
        }

        @Override public void exec(InterpreterCpu c) {
            int v = Raw.get16(c.regs + VcpuContext.SELECTORS + 2L * seg);
            if (d != null) {
                d.put(c, v);
            } else {
                StackOps.push(c, pushSize, v);
            }
        }
    }

    static final class Pop extends Op {
        private final int seg, size;

        Pop(int seg, int size) {
            this.seg = seg;
            this.size = size;
        }

        @Override public void exec(InterpreterCpu c) {
            long sp = StackOps.pointer(c);
            int selector = (int) StackOps.load(c, size, sp) & 0xffff;
            long d = Segments.check(c, seg, selector);
            Segments.load(c, seg, selector, d);
            StackOps.pointer(c, sp + size);
        }
    }

    /** LES LDS LSS LFS LGS. */
    static final class LoadFar extends Op {
        private final int seg;
        private final Loc d;
        private final Ea ea;

        LoadFar(int seg, Loc d, Ea ea) {
            this.seg = seg;
            this.d = d;
            this.ea = ea;
        }

        @Override public void exec(InterpreterCpu c) {
            long h = c.hostRead(ea.of(c), d.size + 2);
            long v = Loc.unsigned(h, d.size);
            int selector = Raw.get16(h + d.size);
            Segments.load(c, seg, selector, Segments.check(c, seg, selector));
            d.put(c, v);
        }
    }

    /** LAR, LSL (d set), VERR, VERW. */
    static final class Look extends Op {
        private final Opcode op;
        private final Loc d, s;

        Look(Opcode op, Loc d, Loc s) {
            this.op = op;
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            long desc = Segments.visible(c, (int) s.getU(c) & 0xffff, op != Opcode.LAR);
            boolean yes = desc != 0 && switch (op) {
                case VERR -> Segments.readable(desc);
                case VERW -> Segments.writable(desc);
                default -> true;
            };
            if (yes && d != null) {
                d.put(c, op == Opcode.LAR ? Segments.rights(desc) : Segments.limitOf(desc));
            }
            FlagRules.change(c, LazyFlags.ZF, yes ? LazyFlags.ZF : 0);
        }
    }

    /** JMPF and CALLF, through memory or (compatibility mode) an immediate pointer. */
    static final class Far extends Op {
        private final Ea ea;
        private final long offset;
        private final int selector, size, next;
        private final boolean call;

        /** @param size bytes of the offset */
        Far(Ea ea, long offset, int selector, int size, boolean call, int next) {
            this.ea = ea;
            this.offset = offset;
            this.selector = selector;
            this.size = size;
            this.call = call;
            this.next = next;
        }

        @Override public void exec(InterpreterCpu c) {
            long to = offset;
            int cs = selector;
            if (ea != null) {
                long h = c.hostRead(ea.of(c), size + 2);
                to = Loc.unsigned(h, size);
                cs = Raw.get16(h + size);
            }
            long d = Segments.checkCode(c, cs, false);
            to = Segments.target(c, d, to);
            if (call) {
                long w = StackOps.width(c), sp = StackOps.pointer(c);
                StackOps.store(c, size, sp - size & w, Raw.get16(c.regs + VcpuContext.SELECTORS + 2 * VcpuContext.CS));
                StackOps.store(c, size, sp - 2 * size & w, BranchOps.returnAddress(c, next));
                StackOps.pointer(c, sp - 2 * size);
            }
            Segments.transfer(c, cs, d, to);
        }
    }

    static final class RetFar extends Op {
        private final int size, bytes;

        RetFar(int size, int bytes) {
            this.size = size;
            this.bytes = bytes;
        }

        @Override public void exec(InterpreterCpu c) {
            long w = StackOps.width(c), sp = StackOps.pointer(c);
            long to = StackOps.load(c, size, sp);
            int cs = (int) StackOps.load(c, size, sp + size & w) & 0xffff;
            long d = Segments.checkCode(c, cs, true);
            to = Segments.target(c, d, to);
            StackOps.pointer(c, sp + 2 * size + bytes);
            Segments.transfer(c, cs, d, to);
        }
    }

    /** IRET to the same ring: from 64-bit mode rSP and SS are popped too. */
    static final class Iret extends Op {
        private final int size;

        Iret(int size) { this.size = size; }

        @Override public void exec(InterpreterCpu c) {
            boolean wide = c.longMode;
            long w = StackOps.width(c), sp = StackOps.pointer(c);
            if (wide && (c.other & LazyFlags.NT) != 0) {
                throw c.raise(GuestAccess.VECTOR_GP, 0);
            }
            long to = StackOps.load(c, size, sp);
            int cs = (int) StackOps.load(c, size, sp + size & w) & 0xffff;
            long flags = StackOps.load(c, size, sp + 2 * size & w);
            long newSp = sp + 3 * size;
            int ss = 0;
            if (wide) {
                newSp = StackOps.load(c, size, sp + 3 * size);
                ss = (int) StackOps.load(c, size, sp + 4 * size) & 0xffff;
            }
            long d = Segments.checkCode(c, cs, true);
            to = Segments.target(c, d, to);
            if (wide) {
                Segments.load(c, VcpuContext.SS, ss, Segments.check(c, VcpuContext.SS, ss));
            }
            StackOps.setFlags(c, flags, size);
            StackOps.pointer(c, newSp);
            Segments.transfer(c, cs, d, to);
        }
    }

    /** ARPL: raises the destination's RPL to the source's. */
    static final class Arpl extends Op {
        private final Loc d, s;

        Arpl(Loc d, Loc s) {
            this.d = d;
            this.s = s;
        }

        @Override public void exec(InterpreterCpu c) {
            long b = s.getU(c), a = d.getU(c);
            boolean raised = (a & 3) < (b & 3);
            if (raised) {
                d.put(c, a & ~3 | b & 3);
            }
            FlagRules.change(c, LazyFlags.ZF, raised ? LazyFlags.ZF : 0);
        }
    }
}
