package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.PrivilegedOp;
import xen.kernel.api.hw.VcpuContext;

/** Chooses the handler of stack, control-transfer, segment and system instructions. */
final class ControlBinder {
    private ControlBinder() {}

    /** Null if the instruction is somebody else's. */
    static Op bind(Binding b) {
        Insn i = b.i;
        if (i.row.privileged != null) {
            return new SystemOps.Privileged(i.row.privileged, i.length, operand(i), b.ea());
        }
        return switch (i.op) {
            case UD, UD0, UD1, UD2 -> new SystemOps.Raise(6);
            case TOO_LONG -> new SystemOps.Raise(GuestAccess.VECTOR_GP);
            case PUSH -> push(b);
            case POP -> pop(b);
            case PUSHF -> new StackOps.Pushf(i.osz);
            case POPF -> new StackOps.Popf(i.osz, b.next);
            case PUSHA -> new StackOps.All(i.osz, false);
            case POPA -> new StackOps.All(i.osz, true);
            case ENTER -> new StackOps.Enter(i.osz, (int) i.imm, i.imm2);
            case LEAVE -> new StackOps.Leave(i.osz);
            case JMP -> i.k0 == Insn.REL ? new BranchOps.Jmp(b.target()) : new BranchOps.JmpIndirect(b.loc(0));
            case CALL -> call(b);
            case RET -> i.operands == 0 && b.is64() ? new BranchOps.Ret() : new BranchOps.RetAny(i.osz, (int) i.imm);
            case JO, JNO, JB, JAE, JE, JNE, JBE, JA, JS, JNS, JP, JNP, JL, JGE, JLE, JG -> jcc(b);
            case LOOPNE, LOOPE, LOOP, JRCXZ -> new BranchOps.Loop(loop(i), i.asz, b.target(), b.next);
            case JMPF, CALLF -> far(b);
            case RETF -> new SegmentOps.RetFar(i.osz, (int) i.imm);
            case IRET -> new SegmentOps.Iret(i.osz);
            case LES, LDS, LSS, LFS, LGS -> new SegmentOps.LoadFar(segment(i.op), b.loc(0), b.ea());
            case LAR, LSL -> new SegmentOps.Look(i.op, b.loc(0), b.loc(1));
            case VERR, VERW -> new SegmentOps.Look(i.op, null, b.loc(0));
            case ARPL -> new SegmentOps.Arpl(b.loc(0), b.loc(1));
            case SLDT, STR, SMSW -> new SystemOps.StoreWord(i.op, b.loc(0));
            case SGDT, SIDT -> new SystemOps.StoreTable(b.ea(), i.memSize);
            case SYSCALL -> new SystemOps.Call(b.is64() ? Exit.SYSCALL : Exit.COMPAT_SYSCALL, b.next);
            // AMD's long mode has none
            case SYSENTER -> new SystemOps.Raise(6);
            case INT -> new SystemOps.Int((int) i.imm & 0xff, i.length);
            case INT3 -> new SystemOps.Trap(3, false, b.next);
            case INTO -> new SystemOps.Trap(4, true, b.next);
            case ICEBP -> new SystemOps.Trap(1, false, b.next);
            case BOUND -> new SystemOps.Bound(b.loc(0), b.ea());
            case RDTSC -> new SystemOps.Tsc(false);
            case RDTSCP -> new SystemOps.Tsc(true);
            case RDPID -> new SystemOps.Rdpid(b.reg(0));
            case XGETBV -> new SystemOps.Xgetbv();
            case RDFSBASE -> new SystemOps.ReadBase(b.loc(0), VcpuContext.FS_BASE);
            case RDGSBASE -> new SystemOps.ReadBase(b.loc(0), VcpuContext.GS_BASE);
            case WRFSBASE -> new SystemOps.WriteBase(b.loc(0), VcpuContext.FS_BASE);
            case WRGSBASE -> new SystemOps.WriteBase(b.loc(0), VcpuContext.GS_BASE);
            default -> null;
        };
    }

    private static Op push(Binding b) {
        Insn i = b.i;
        if (i.k0 == Insn.SEG) {
            return new SegmentOps.Store(i.r0, null, i.osz);
        }
        if (i.osz == 8 && b.gpr(0)) {
            return new StackOps.Push64(b.reg(0));
        }
        if (b.imm(0)) {
            return i.osz == 8 ? new StackOps.PushImm64(i.imm) : new StackOps.Push(null, i.imm, i.osz);
        }
        return new StackOps.Push(b.loc(0), 0, i.osz);
    }

    private static Op pop(Binding b) {
        Insn i = b.i;
        return i.k0 == Insn.SEG ? new SegmentOps.Pop(i.r0, i.osz) : i.osz == 8 && b.gpr(0) ? new StackOps.Pop64(b.reg(0)) : new StackOps.Pop(b.loc(0));
    }

    private static Op call(Binding b) {
        if (b.i.k0 != Insn.REL) {
            return new BranchOps.CallIndirect(b.loc(0), b.next);
        }
        return b.is64() ? new BranchOps.Call(b.target(), b.next) : new BranchOps.CallAny(b.i.osz, b.target(), b.next);
    }

    static Op jcc(Binding b) {
        int cc = b.i.opcode & 15;
        int compare = FlagRules.compareTable(cc), logic = FlagRules.logicTable(cc);
        if (b.flags == Producer.COMPARE && compare >= 0) {
            return new BranchOps.JccCompare(compare, b.target(), b.next);
        }
        if (IntegerBinder.byResult(b.flags, cc)) {
            return new BranchOps.JccResult(logic, b.target(), b.next);
        }
        return new BranchOps.Jcc(cc, b.target(), b.next);
    }

    private static Op far(Binding b) {
        Insn i = b.i;
        return new SegmentOps.Far(b.ea(), i.imm, i.imm2, i.osz, i.op == Opcode.CALLF, b.next);
    }

    /** A repeat prefix in front of LOOPE or LOOPNE chooses the condition (seen on silicon). */
    private static int loop(Insn i) {
        int what = i.opcode & 3;
        return what > 1 || i.rep == 0 ? what : i.rep == 0xf3 ? 1 : 0;
    }

    private static int segment(Opcode op) {
        return switch (op) {
            case LES -> VcpuContext.ES;
            case LDS -> VcpuContext.DS;
            case LSS -> VcpuContext.SS;
            case LFS -> VcpuContext.FS;
            default -> VcpuContext.GS;
        };
    }

    /** {@code reg | crOrPort << 8 | size << 24}, see {@link PrivilegedOp}. */
    private static int operand(Insn i) {
        int port = i.k0 == Insn.IMM || i.k1 == Insn.IMM ? (int) i.imm & 0xff : 0xffff;
        return switch (i.row.privileged) {
            case READ_CR, READ_DR -> i.r0 | i.r1 << 8 | i.s0 << 24;
            case WRITE_CR, WRITE_DR -> i.r1 | i.r0 << 8 | i.s1 << 24;
            case IN -> port << 8 | i.s0 << 24;
            case OUT -> port << 8 | i.s1 << 24;
            case INS -> 0xffff << 8 | i.s0 << 24;
            case OUTS -> 0xffff << 8 | i.s1 << 24;
            default -> i.operands > 0 ? i.r0 | i.s0 << 24 : 0;
        };
    }
}
