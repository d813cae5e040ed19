package xen.cpu.nativecode;

import java.util.EnumSet;
import java.util.Set;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;

/** Which instructions are emitted, and the little that re-encoding must know of each beyond the table row. */
final class Coverage {
    private static final Set<Opcode> INTEGER = EnumSet.of(Opcode.ADD, Opcode.OR, Opcode.ADC, Opcode.SBB, Opcode.AND, Opcode.SUB, Opcode.XOR,
            Opcode.CMP, Opcode.TEST, Opcode.INC, Opcode.DEC, Opcode.NEG, Opcode.NOT, Opcode.MOV, Opcode.MOVZX, Opcode.MOVSX, Opcode.MOVSXD,
            Opcode.LEA, Opcode.XCHG, Opcode.XADD, Opcode.CMPXCHG, Opcode.BSWAP, Opcode.SHL, Opcode.SHR, Opcode.SAR, Opcode.ROL, Opcode.ROR,
            Opcode.RCL, Opcode.RCR, Opcode.SHLD, Opcode.SHRD, Opcode.IMUL, Opcode.MUL, Opcode.BT, Opcode.BTS, Opcode.BTR, Opcode.BTC,
            Opcode.BSF, Opcode.BSR, Opcode.TZCNT, Opcode.LZCNT, Opcode.POPCNT, Opcode.CBW, Opcode.CWDE, Opcode.CDQE, Opcode.CWD, Opcode.CDQ,
            Opcode.CQO, Opcode.CMC, Opcode.CLC, Opcode.STC, Opcode.MOVBE, Opcode.CRC32, Opcode.ADCX, Opcode.ADOX, Opcode.MOVNTI,
            Opcode.ANDN, Opcode.BLSR, Opcode.BLSMSK, Opcode.BLSI, Opcode.BZHI, Opcode.PEXT, Opcode.PDEP, Opcode.MULX, Opcode.BEXTR,
            Opcode.SHLX, Opcode.SARX, Opcode.SHRX, Opcode.RORX, Opcode.CMPXCHG8B, Opcode.CMPXCHG16B);
    /** Nothing to do, memory operand or not. */
    private static final Set<Opcode> NOTHING = EnumSet.of(Opcode.NOP, Opcode.PAUSE, Opcode.ENDBR64, Opcode.ENDBR32, Opcode.PREFETCHW,
            Opcode.LFENCE);
    /** Operand 0 is read only. */
    private static final Set<Opcode> READS_FIRST = EnumSet.of(Opcode.CMP, Opcode.TEST, Opcode.BT, Opcode.MUL, Opcode.COMISS, Opcode.COMISD,
            Opcode.UCOMISS, Opcode.UCOMISD, Opcode.PTEST, Opcode.VTESTPS, Opcode.VTESTPD);
    private static final Set<Opcode> NOT_VECTOR = EnumSet.of(Opcode.EMMS, Opcode.MASKMOVQ, Opcode.MASKMOVDQU, Opcode.MOVQ2DQ, Opcode.MOVDQ2Q,
            Opcode.RCPPS, Opcode.RCPSS, Opcode.RSQRTPS, Opcode.RSQRTSS);
    /** Of AVX, only these want memory operands in line. */
    private static final Set<Opcode> ALIGNED = EnumSet.of(Opcode.MOVAPS, Opcode.MOVAPD, Opcode.MOVDQA, Opcode.MOVNTPS, Opcode.MOVNTPD,
            Opcode.MOVNTDQ, Opcode.MOVNTDQA);
    /** 16-byte memory operands of SSE that need no alignment. */
    private static final Set<Opcode> UNALIGNED = EnumSet.of(Opcode.MOVUPS, Opcode.MOVUPD, Opcode.MOVDQU, Opcode.LDDQU, Opcode.PCMPESTRM,
            Opcode.PCMPESTRI, Opcode.PCMPISTRM, Opcode.PCMPISTRI);

    private final HostFeatures host;

    Coverage(HostFeatures host) { this.host = host; }

    static boolean nothing(Insn i) { return NOTHING.contains(i.op); }

    static boolean vector(Insn i) {
        int o = i.op.ordinal();
        return o >= Opcode.MOVUPS.ordinal() && o <= Opcode.AESKEYGENASSIST.ordinal()
                || o >= Opcode.VZEROUPPER.ordinal() && o <= Opcode.VFNMSUB.ordinal();
    }

    static boolean setcc(Insn i) { return i.op.ordinal() >= Opcode.SETO.ordinal() && i.op.ordinal() <= Opcode.SETG.ordinal(); }

    static boolean cmovcc(Insn i) { return i.op.ordinal() >= Opcode.CMOVO.ordinal() && i.op.ordinal() <= Opcode.CMOVG.ordinal(); }

    /** Condition of a Jcc as its opcode has it. */
    static int condition(Insn i) { return i.op.ordinal() - Opcode.JO.ordinal(); }

    static boolean jcc(Insn i) { return i.op.ordinal() >= Opcode.JO.ordinal() && i.op.ordinal() <= Opcode.JG.ordinal(); }

    static boolean writesFirst(Insn i) { return !READS_FIRST.contains(i.op) && !(i.op == Opcode.IMUL && i.operands == 1); }

    static boolean writesSecond(Insn i) { return i.op == Opcode.XCHG || i.op == Opcode.XADD || i.op == Opcode.MULX; }

    static boolean needsAlignment(Insn i) { return i.vex ? ALIGNED.contains(i.op) : i.memSize == 16 && !UNALIGNED.contains(i.op); }

    /** An AVX instruction: needs its state enabled in XCR0. */
    static boolean avx(Insn i) { return i.vex && vector(i); }

    /** AH to BH cannot be named together with a register that needs a REX prefix. */
    private static boolean highPossible(Insn i) {
        for (int o = 0; o < i.operands; o++) {
            if (i.kind(o) == Insn.GPR && (Frame.host(i.reg(o)) < 0 || Frame.host(i.reg(o)) >= 8)) {
                return false;
            }
        }
        return !i.rexW;
    }

    /** True when the generic re-encoder can take this instruction. */
    boolean plain(Insn i) {
        boolean known = INTEGER.contains(i.op) || setcc(i) || cmovcc(i) || vector(i) && !NOT_VECTOR.contains(i.op);
        if (!known || i.mode != Insn.MODE_64 || i.vex && i.vexL != 0 && !vector(i) || !host.has(i.row.feature)) {
            return false;
        }
        for (int o = 0; o < i.operands; o++) {
            char letter = i.row.operand(o).charAt(0);
            switch (i.kind(o)) {
                case Insn.GPR, Insn.IMM, Insn.XMM -> { }
                case Insn.GPR_HIGH -> { if (i.mem >= 0 || !highPossible(i)) { return false; } }
                case Insn.MEM -> {
                    if (i.asz != 8 || letter == 'O' || i.memSize == 0 && i.op != Opcode.LEA || i.memSize > 32) {
                        return false;
                    }
                }
                default -> { return false; }
            }
        }
        // a bit string in memory may lie anywhere: not as it is; a LOCK on a register is #UD
        return !(BitStrings.bit(i) && i.mem == 0 && i.k1 == Insn.GPR) && !(i.lock && i.mem != 0);
    }
}
