package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.VcpuContext.FCW;
import static xen.kernel.api.hw.VcpuContext.FSW;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.LazyFlags;
import xen.hw.x86smp.exec.Op;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Binds the x87 instructions to {@link X87}. */
final class X87Ops {
    private X87Ops() {}

    /** What a waiting instruction does behind the checks. */
    private interface Body {
        void exec(X87 x, long r, InterpreterCpu c);
    }

    private static Op waiting(Body b) {
        return new Op() {
            @Override public void exec(InterpreterCpu c) {
                Fpu.waiting(c);
                b.exec(c.fpu.x87, c.regs, c);
            }
        };
    }

    /** FNxxx: no look at pending exceptions. */
    private static Op immediate(Body b) {
        return new Op() {
            @Override public void exec(InterpreterCpu c) {
                Fpu.sse(c);
                b.exec(c.fpu.x87, c.regs, c);
            }
        };
    }

    static Op bind(Insn i, Ea ea) {
        if (i.opcode < 0xd8 || i.opcode > 0xdf || i.row.map != 0) {
            return null;
        }
        Op o = i.mem >= 0 ? memory(i, ea) : null;
        return o != null ? o : registers(i);
    }

    private static int width(int format) {
        return switch (format) {
            case X87.F32, X87.I32 -> 4;
            case X87.F64, X87.I64 -> 8;
            case X87.I16 -> 2;
            default -> 10;
        };
    }

    private static Op load(Ea ea, int format) {
        int n = width(format);
        return waiting((x, r, c) -> x.load(r, c.hostRead(ea.of(c), n), format));
    }

    private static Op store(Ea ea, int format, boolean truncate, boolean pop) {
        int n = width(format);
        return waiting((x, r, c) -> x.store(r, c.rmw(ea.of(c), n), format, truncate, pop));
    }

    private static int floatFormat(Insn i) {
        return switch (i.memSize) {
            case 4 -> X87.F32;
            case 8 -> X87.F64;
            default -> X87.F80;
        };
    }

    private static int integerFormat(Insn i) {
        return switch (i.memSize) {
            case 2 -> X87.I16;
            case 4 -> X87.I32;
            default -> X87.I64;
        };
    }

    private static Op arithmetic(Ea ea, int op, int format) {
        int n = width(format);
        if (op == 2 || op == 3) {
            return waiting((x, r, c) -> {
                x.operand(c.hostRead(ea.of(c), n), format);
                x.setConditions(r, x.compareWith(r), op - 2);
            });
        }
        return waiting((x, r, c) -> {
            x.operand(c.hostRead(ea.of(c), n), format);
            x.arithmetic(r, op);
        });
    }

    private static Op memory(Insn i, Ea ea) {
        int op = i.modrm >> 3 & 7;
        return switch (i.op) {
            case FADD, FMUL, FCOM, FCOMP, FSUB, FSUBR, FDIV, FDIVR -> arithmetic(ea, op, floatFormat(i));
            case FIADD, FIMUL, FICOM, FICOMP, FISUB, FISUBR, FIDIV, FIDIVR -> arithmetic(ea, op, integerFormat(i));
            case FLD -> load(ea, floatFormat(i));
            case FILD -> load(ea, integerFormat(i));
            case FBLD -> load(ea, X87.BCD);
            case FST -> store(ea, floatFormat(i), false, false);
            case FSTP -> store(ea, floatFormat(i), false, true);
            case FIST -> store(ea, integerFormat(i), false, false);
            case FISTP -> store(ea, integerFormat(i), false, true);
            case FISTTP -> store(ea, integerFormat(i), true, true);
            case FBSTP -> store(ea, X87.BCD, false, true);
            case FLDCW -> waiting((x, r, c) -> X87.loadControl(r, c.load16(ea.of(c))));
            case FNSTCW -> immediate((x, r, c) -> c.store16(ea.of(c), Raw.get16(r + FCW)));
            case FNSTSW -> immediate((x, r, c) -> c.store16(ea.of(c), Raw.get16(r + FSW)));
            default -> null;
        };
    }

    private static Op arithmetic(int op, int dst, int src, boolean pop) {
        return waiting((x, r, c) -> x.arithmetic(r, op, dst, src, pop));
    }

    private static Op compare(int i, boolean quiet, int pops) {
        return waiting((x, r, c) -> x.setConditions(r, x.compareWith(r, i, quiet, false), pops));
    }

    /** FCOMI and relatives: C0, C2, C3 become CF, PF, ZF. */
    private static Op compareFlags(int i, boolean quiet, boolean pop) {
        return waiting((x, r, c) -> {
            int cc = x.compareWith(r, i, quiet, true);
            c.fk = LazyFlags.RAW;
            c.fr = ((cc & X87.C0) != 0 ? LazyFlags.CF : 0) | ((cc & X87.C2) != 0 ? LazyFlags.PF : 0) | ((cc & X87.C3) != 0 ? LazyFlags.ZF : 0);
            x.popCompared(r, pop ? 1 : 0);
        });
    }

    private static Op move(int i, int flags, boolean when) {
        return waiting((x, r, c) -> x.moveIf(r, i, (c.arithmetic() & flags) != 0 == when));
    }

    private static Op registers(Insn i) {
        int t = i.modrm & 7;
        // DC and DE put the result in ST(i) and name the reversed operations the other way round.
        boolean toI = i.opcode == 0xdc || i.opcode == 0xde;
        int dst = toI ? t : 0, src = toI ? 0 : t;
        return switch (i.op) {
            case FADD, FADDP -> arithmetic(X87.ADD, dst, src, i.op == Opcode.FADDP);
            case FMUL, FMULP -> arithmetic(X87.MUL, dst, src, i.op == Opcode.FMULP);
            case FSUB, FSUBP -> arithmetic(X87.SUB, dst, src, i.op == Opcode.FSUBP);
            case FSUBR, FSUBRP -> arithmetic(X87.SUBR, dst, src, i.op == Opcode.FSUBRP);
            case FDIV, FDIVP -> arithmetic(X87.DIV, dst, src, i.op == Opcode.FDIVP);
            case FDIVR, FDIVRP -> arithmetic(X87.DIVR, dst, src, i.op == Opcode.FDIVRP);
            case FCOM -> compare(t, false, 0);
            case FCOMP -> compare(t, false, 1);
            case FCOMPP -> compare(1, false, 2);
            case FUCOM -> compare(t, true, 0);
            case FUCOMP -> compare(t, true, 1);
            case FUCOMPP -> compare(1, true, 2);
            case FCOMI -> compareFlags(t, false, false);
            case FCOMIP -> compareFlags(t, false, true);
            case FUCOMI -> compareFlags(t, true, false);
            case FUCOMIP -> compareFlags(t, true, true);
            case FCMOVB -> move(t, LazyFlags.CF, true);
            case FCMOVNB -> move(t, LazyFlags.CF, false);
            case FCMOVE -> move(t, LazyFlags.ZF, true);
            case FCMOVNE -> move(t, LazyFlags.ZF, false);
            case FCMOVBE -> move(t, LazyFlags.CF | LazyFlags.ZF, true);
            case FCMOVNBE -> move(t, LazyFlags.CF | LazyFlags.ZF, false);
            case FCMOVU -> move(t, LazyFlags.PF, true);
            case FCMOVNU -> move(t, LazyFlags.PF, false);
            case FLD -> waiting((x, r, c) -> x.loadRegister(r, t));
            case FST -> waiting((x, r, c) -> x.storeRegister(r, t, false));
            case FSTP -> i.opcode == 0xd9 ? waiting((x, r, c) -> x.storeUnchecked(r, t)) : waiting((x, r, c) -> x.storeRegister(r, t, true));
            case FXCH -> waiting((x, r, c) -> x.exchange(r, t));
            case FFREE -> waiting((x, r, c) -> X87.free(r, t));
            case FFREEP -> waiting((x, r, c) -> {
                X87.free(r, t);
                X87Stack.pop(r);
            });
            default -> alone(i);
        };
    }

    private static Op alone(Insn i) {
        return switch (i.op) {
            case FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ -> {
                int which = i.modrm & 7;
                yield waiting((x, r, c) -> x.loadConstant(r, which));
            }
            case FCHS -> waiting((x, r, c) -> x.changeSign(r));
            case FABS -> waiting((x, r, c) -> x.absolute(r));
            case FTST -> waiting((x, r, c) -> x.test(r));
            case FXAM -> waiting((x, r, c) -> x.examine(r));
            case FSQRT -> waiting((x, r, c) -> x.sqrt(r));
            case FRNDINT -> waiting((x, r, c) -> x.rndint(r));
            case FSCALE -> waiting((x, r, c) -> x.scale(r));
            case FXTRACT -> waiting((x, r, c) -> x.extract(r));
            case FPREM -> waiting((x, r, c) -> x.remainder(r, false));
            case FPREM1 -> waiting((x, r, c) -> x.remainder(r, true));
            case F2XM1 -> waiting((x, r, c) -> x.exp2m1(r));
            case FYL2X -> waiting((x, r, c) -> x.yl2x(r));
            case FYL2XP1 -> waiting((x, r, c) -> x.yl2xp1(r));
            case FPTAN -> waiting((x, r, c) -> x.tan(r));
            case FPATAN -> waiting((x, r, c) -> x.atan(r));
            case FSIN -> waiting((x, r, c) -> x.sin(r));
            case FCOS -> waiting((x, r, c) -> x.cos(r));
            case FSINCOS -> waiting((x, r, c) -> x.sincos(r));
            case FINCSTP -> waiting((x, r, c) -> X87.rotate(r, 1));
            case FDECSTP -> waiting((x, r, c) -> X87.rotate(r, -1));
            // FENI, FDISI and FSETPM of old coprocessors do not wait
            case FNOP -> i.opcode == 0xdb ? immediate((x, r, c) -> { }) : waiting((x, r, c) -> { });
            case FNCLEX -> immediate((x, r, c) -> X87.clearExceptions(r));
            case FNINIT -> immediate((x, r, c) -> X87.init(r));
            case FNSTSW -> immediate((x, r, c) -> Raw.put16(r + VcpuContext.GPR + 8 * VcpuContext.RAX, Raw.get16(r + FSW)));
            default -> null;
        };
    }
}
