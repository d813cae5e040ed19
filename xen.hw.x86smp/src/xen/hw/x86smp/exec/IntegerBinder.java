package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;

/** Chooses the handler of integer instructions that do not transfer control: the hot forms first, then the general ones. */
final class IntegerBinder {
    private IntegerBinder() {}

    /** Null if the instruction is somebody else's. */
    static Op bind(Binding b) {
        Insn i = b.i;
        return switch (i.op) {
            case ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST -> binary(b);
            case INC, DEC -> incDec(b);
            case NEG, NOT -> new AluOps.Unary(i.op, b.loc(0), i.lock);
            case XADD -> new AluOps.Xadd(b.loc(0), b.loc(1), i.lock);
            case CMPXCHG -> new AluOps.Cmpxchg(b.loc(0), b.loc(1), new Loc(0, null, i.size), i.lock);
            case CMPXCHG8B -> new AluOps.CmpxchgPair(b.ea(), 4, i.lock);
            case CMPXCHG16B -> new AluOps.CmpxchgPair(b.ea(), 8, i.lock);
            case ADCX -> new AluOps.AddWith(b.loc(0), b.loc(1), LazyFlags.CF);
            case ADOX -> new AluOps.AddWith(b.loc(0), b.loc(1), LazyFlags.OF);
            case MOV -> mov(b);
            case MOVNTI -> new DataOps.Mov(b.loc(0), b.loc(1), false);
            case MOVZX, MOVSX, MOVSXD -> extend(b);
            case LEA -> lea(b);
            case XCHG -> xchg(b);
            case BSWAP -> new DataOps.Bswap(b.loc(0));
            case MOVBE -> new DataOps.Movbe(b.loc(0), b.loc(1));
            case CMOVO, CMOVNO, CMOVB, CMOVAE, CMOVE, CMOVNE, CMOVBE, CMOVA, CMOVS, CMOVNS, CMOVP, CMOVNP, CMOVL, CMOVGE, CMOVLE, CMOVG -> cmov(b);
            case SETO, SETNO, SETB, SETAE, SETE, SETNE, SETBE, SETA, SETS, SETNS, SETP, SETNP, SETL, SETGE, SETLE, SETG ->
                    set(b);
            case CBW, CWDE, CDQE -> new DataOps.Widen(i.osz);
            case CWD, CDQ, CQO -> new DataOps.SignToRdx(i.osz);
            case XLAT -> new DataOps.Xlat(b.address(-1, -1, 0, 0));
            case SHL, SHR, SAR, ROL, ROR, RCL, RCR -> shift(b);
            case SHLD, SHRD -> new ShiftOps.DoubleShift(i.op == Opcode.SHLD, b.loc(0), b.loc(1), i.k2 == Insn.IMM ? (int) i.imm : -1);
            case MUL -> new MulDivOps.Mul(b.loc(0), false);
            case IMUL -> imul(b);
            case DIV -> new MulDivOps.Div(b.loc(0));
            case IDIV -> new MulDivOps.Idiv(b.loc(0));
            case BT, BTS, BTR, BTC -> new BitOps.Test(i.op, b.loc(0), b.locOrNull(1), (int) i.imm, i.lock);
            case BSF, BSR, TZCNT, LZCNT, POPCNT -> new BitOps.Scan(i.op, b.loc(0), b.loc(1));
            case ANDN -> new BitOps.Bmi(i.op, b.loc(0), b.loc(1), b.loc(2));
            case BZHI, BEXTR -> new BitOps.Bmi(i.op, b.loc(0), b.loc(1), b.loc(2));
            case BLSI, BLSR, BLSMSK -> new BitOps.Bmi(i.op, b.loc(0), b.loc(1), null);
            case SHLX, SHRX, SARX, RORX, PDEP, PEXT -> new BitOps.BmiQuiet(i.op, b.loc(0), b.loc(1), b.locOrNull(2), (int) i.imm);
            case MULX -> new BitOps.Mulx(b.loc(0), b.loc(1), b.loc(2));
            case CRC32 -> new BitOps.Crc32(b.loc(0), b.loc(1));
            case MOVS, STOS, LODS, CMPS, SCAS -> new StringOps(i.op, i.size, i.rep, i.asz, b.segment(), !b.is64());
            case CLC, STC, CMC, CLD, STD, LAHF, SAHF -> new DataOps.Flags(i.op);
            case NOP, PAUSE, ENDBR64, ENDBR32, PREFETCHW -> new DataOps.Nop();
            case LFENCE, SFENCE, MFENCE -> new DataOps.Fence();
            case CLFLUSH -> new DataOps.Touch(b.ea());
            case DAA, DAS, AAA, AAS, AAM, AAD, SALC -> new BcdOps(i.op, (int) i.imm);
            default -> null;
        };
    }

    private static boolean wide(int size) { return size >= 4; }

    private static Op binary(Binding b) {
        Insn i = b.i;
        Op hot = i.lock || !wide(i.size) || !b.near() ? null : i.size == 8 ? hot64(b) : hot32(b);
        return hot != null ? hot : new AluOps.Binary(i.op, b.loc(0), b.locOrNull(1), i.imm, i.lock);
    }

    private static Op hot64(Binding b) {
        Insn i = b.i;
        if (b.gpr(0)) {
            return b.gpr(1) ? AluRegister64.rr(i.op, b.reg(0), b.reg(1))
                    : b.imm(1) ? AluRegister64.ri(i.op, b.reg(0), (int) i.imm) : AluMemory64.rm(i.op, b.reg(0), b.ea());
        }
        return b.imm(1) ? AluMemory64.mi(i.op, b.ea(), (int) i.imm) : AluMemory64.mr(i.op, b.reg(1), b.ea());
    }

    private static Op hot32(Binding b) {
        Insn i = b.i;
        if (b.gpr(0)) {
            return b.gpr(1) ? AluRegister32.rr(i.op, b.reg(0), b.reg(1))
                    : b.imm(1) ? AluRegister32.ri(i.op, b.reg(0), (int) i.imm) : AluMemory32.rm(i.op, b.reg(0), b.ea());
        }
        return b.imm(1) ? AluMemory32.mi(i.op, b.ea(), (int) i.imm) : AluMemory32.mr(i.op, b.reg(1), b.ea());
    }

    private static Op incDec(Binding b) {
        Insn i = b.i;
        if (b.gpr(0) && wide(i.size)) {
            int by = i.op == Opcode.INC ? 1 : -1;
            return i.size == 8 ? new StepOps.Step64(b.reg(0), by) : new StepOps.Step32(b.reg(0), by);
        }
        return new AluOps.Unary(b.i.op, b.loc(0), b.i.lock);
    }

    private static Op mov(Binding b) {
        Insn i = b.i;
        if (i.k0 == Insn.SEG || i.k1 == Insn.SEG) {
            return movSegment(b);
        }
        if (i.k0 == Insn.CR || i.k0 == Insn.DR || i.k1 == Insn.CR || i.k1 == Insn.DR) {
            return null;
        }
        if (!b.near()) {
            return b.imm(1) ? new DataOps.MovImm(b.loc(0), i.imm) : new DataOps.Mov(b.loc(0), b.loc(1), false);
        }
        if (b.imm(1)) {
            return b.mem(0) ? new MoveOps.StoreImm(b.ea(), i.size, (int) i.imm)
                    : wide(i.size) ? new MoveOps.Constant(b.reg(0), i.imm & Loc.mask(i.size)) : new DataOps.MovImm(b.loc(0), i.imm);
        }
        if (b.mem(1)) {
            Ea ea = b.ea();
            int d = b.reg(0);
            return switch (i.size) {
                case 8 -> MoveOps.load64(d, ea);
                case 4 -> MoveOps.load32(d, ea);
                case 2 -> new MoveOps.Load16(d, ea);
                default -> new MoveOps.Load8(d, ea);
            };
        }
        int s = b.reg(1);
        if (b.mem(0)) {
            Ea ea = b.ea();
            return switch (i.size) {
                case 8 -> MoveOps.store64(s, ea);
                case 4 -> MoveOps.store32(s, ea);
                case 2 -> new MoveOps.Store16(s, ea);
                default -> MoveOps.store8(s, ea);
            };
        }
        int d = b.reg(0);
        return switch (i.size) {
            case 8 -> new MoveOps.Mov64(d, s);
            case 4 -> new MoveOps.Mov32(d, s);
            case 2 -> new MoveOps.Mov16(d, s);
            default -> new MoveOps.Mov8(d, s);
        };
    }

    private static Op movSegment(Binding b) {
        Insn i = b.i;
        boolean load = i.k0 == Insn.SEG;
        int seg = load ? i.r0 : i.r1;
        if (seg > 5 || load && seg == xen.kernel.api.hw.VcpuContext.CS) {
            return new SystemOps.Raise(6);
        }
        return load ? new SegmentOps.Load(seg, b.mem(1) ? b.loc(1) : new Loc(b.reg(1), null, 2)) : new SegmentOps.Store(seg, b.loc(0), 0);
    }

    private static Op extend(Binding b) {
        Insn i = b.i;
        boolean signed = i.op != Opcode.MOVZX;
        if (i.s0 == 2 || !b.near()) {
            return new DataOps.Mov(b.loc(0), b.loc(1), signed);
        }
        int d = b.reg(0);
        // Zero extension and 32-bit destinations end in the same 64-bit write.
        int form = (signed ? i.s0 == 8 ? 2 : 1 : 0) * 3 + (i.s1 == 4 ? 2 : i.s1 - 1);
        if (b.mem(1)) {
            Ea ea = b.ea();
            return switch (form) {
                case 0 -> MoveOps.loadZero8(d, ea);
                case 1 -> new MoveOps.LoadZero16(d, ea);
                case 3 -> new MoveOps.LoadSign8To32(d, ea);
                case 4 -> new MoveOps.LoadSign16To32(d, ea);
                case 5 -> MoveOps.load32(d, ea);
                case 6 -> new MoveOps.LoadSign8To64(d, ea);
                case 7 -> new MoveOps.LoadSign16To64(d, ea);
                default -> new MoveOps.LoadSign32To64(d, ea);
            };
        }
        int s = b.reg(1);
        return switch (form) {
            case 0 -> new MoveOps.Zero8(d, s);
            case 1 -> new MoveOps.Zero16(d, s);
            case 3 -> new MoveOps.Sign8To32(d, s);
            case 4 -> new MoveOps.Sign16To32(d, s);
            case 5 -> new MoveOps.Mov32(d, s);
            case 6 -> new MoveOps.Sign8To64(d, s);
            case 7 -> new MoveOps.Sign16To64(d, s);
            default -> new MoveOps.Sign32To64(d, s);
        };
    }

    private static Op lea(Binding b) {
        Insn i = b.i;
        Ea ea = b.ea();
        if (!b.near() || i.size == 2) {
            return new DataOps.Lea(b.loc(0), ea);
        }
        if (i.size == 8 && i.asz == 8) {
            return i.index < 0 ? new MoveOps.LeaDisp(b.reg(0), ea) : new MoveOps.Lea(b.reg(0), ea);
        }
        return i.size == 8 ? new MoveOps.Lea(b.reg(0), ea) : new MoveOps.Lea32(b.reg(0), ea);
    }

    private static Op xchg(Binding b) {
        // Two registers: the 32-bit form writes both in full, which Loc does.
        return new DataOps.Xchg(b.loc(0), b.loc(1));
    }

    private static Op cmov(Binding b) {
        Insn i = b.i;
        int cc = i.opcode & 15;
        if (b.flags == Producer.COMPARE && wide(i.size) && b.gpr(1) && FlagRules.compareTable(cc) >= 0) {
            return new DataOps.CmovCompare(FlagRules.compareTable(cc), b.reg(0), b.reg(1), i.size);
        }
        if (byResult(b.flags, cc) && wide(i.size) && b.gpr(1)) {
            return new DataOps.CmovResult(FlagRules.logicTable(cc), b.reg(0), b.reg(1), i.size);
        }
        return new DataOps.Cmov(cc, b.loc(0), b.loc(1));
    }

    /** Whether the producer's result alone decides the condition. */
    static boolean byResult(Producer p, int cc) {
        return p == Producer.LOGIC && FlagRules.logicTable(cc) >= 0 || p != Producer.UNKNOWN && (cc >> 1 == 2 || cc >> 1 == 4);
    }

    private static Op set(Binding b) {
        int cc = b.i.opcode & 15;
        if (!b.mem(0) && b.flags == Producer.COMPARE && FlagRules.compareTable(cc) >= 0) {
            return new DataOps.SetCompare(FlagRules.compareTable(cc), b.reg(0));
        }
        if (!b.mem(0) && byResult(b.flags, cc)) {
            return new DataOps.SetResult(FlagRules.logicTable(cc), b.reg(0));
        }
        return new DataOps.Set(cc, b.loc(0));
    }

    private static Op shift(Binding b) {
        Insn i = b.i;
        int count = b.imm(1) ? (int) i.imm : -1;
        boolean rotate = i.op != Opcode.SHL && i.op != Opcode.SHR && i.op != Opcode.SAR;
        if (rotate) {
            return new ShiftOps.Rotate(i.op, b.loc(0), count);
        }
        int n = count & (i.size == 8 ? 63 : 31);
        if (count >= 0 && n != 0 && b.gpr(0) && wide(i.size)) {
            int d = b.reg(0);
            boolean q = i.size == 8;
            return switch (i.op) {
                case SHL -> q ? new ShiftOps.Shl64(d, n) : new ShiftOps.Shl32(d, n);
                case SHR -> q ? new ShiftOps.Shr64(d, n) : new ShiftOps.Shr32(d, n);
                default -> q ? new ShiftOps.Sar64(d, n) : new ShiftOps.Sar32(d, n);
            };
        }
        return new ShiftOps.Shift(i.op, b.loc(0), count);
    }

    private static Op imul(Binding b) {
        Insn i = b.i;
        if (i.operands == 1) {
            return new MulDivOps.Mul(b.loc(0), true);
        }
        if (i.operands == 2 && b.gpr(1) && wide(i.size)) {
            return i.size == 8 ? new MulDivOps.ImulRR64(b.reg(0), b.reg(1)) : new MulDivOps.ImulRR32(b.reg(0), b.reg(1));
        }
        if (i.operands == 3 && b.gpr(1) && i.size >= 4) {
            return i.size == 8 ? new MulDivOps.ImulRI64(b.reg(0), b.reg(1), (int) i.imm) : new MulDivOps.ImulRI32(b.reg(0), b.reg(1), (int) i.imm);
        }
        return i.operands == 2 ? new MulDivOps.Imul(b.loc(0), b.loc(0), b.loc(1), 0) : new MulDivOps.Imul(b.loc(0), b.loc(1), null, i.imm);
    }

    /** Whether the instruction has a handler without flags. */
    static boolean quietCandidate(Insn i) {
        if (!wide(i.size) || i.k0 != Insn.GPR) {
            return false;
        }
        return switch (i.op) {
            case ADD, OR, AND, SUB, XOR -> i.k1 == Insn.GPR || i.k1 == Insn.IMM;
            case INC, DEC -> true;
            case SHL, SHR, SAR, ROL, ROR -> i.k1 == Insn.IMM;
            case IMUL -> i.operands == 2 && i.k1 == Insn.GPR;
            default -> false;
        };
    }

    static Op quiet(Binding b) {
        Insn i = b.i;
        int d = b.reg(0);
        switch (i.op) {
            case INC, DEC -> {
                int by = i.op == Opcode.INC ? 1 : -1;
                return i.size == 8 ? AluQuiet64.ri(Opcode.ADD, d, by) : AluQuiet32.ri(Opcode.ADD, d, by);
            }
            case SHL, SHR, SAR, ROL, ROR -> {
                return ShiftQuiet.bind(i.op, i.size, d, (int) i.imm & (i.size == 8 ? 63 : 31));
            }
            case IMUL -> {
                return new ShiftQuiet.Imul(d, b.reg(1), Loc.mask(i.size));
            }
            default -> { }
        }
        if (i.size == 8) {
            return b.gpr(1) ? AluQuiet64.rr(i.op, d, b.reg(1)) : AluQuiet64.ri(i.op, d, (int) i.imm);
        }
        return b.gpr(1) ? AluQuiet32.rr(i.op, d, b.reg(1)) : AluQuiet32.ri(i.op, d, (int) i.imm);
    }
}
