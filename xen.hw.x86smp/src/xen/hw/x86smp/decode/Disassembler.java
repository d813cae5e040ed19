package xen.hw.x86smp.decode;

import java.util.Locale;

/** Intel-syntax text of decoded instructions, for traces, debuggers and test failures. Pure functions. */
public final class Disassembler {
    private static final String[] R64 = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
    private static final String[] R32 = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    private static final String[] R16 = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    private static final String[] R8 = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
    private static final String[] HIGH = {"ah", "ch", "dh", "bh"};
    private static final String[] SEGMENT = {"es", "cs", "ss", "ds", "fs", "gs", "?6", "?7"};

    private Disassembler() {}

    /** @param rip address of the instruction, for branch targets and RIP-relative operands */
    public static String text(Insn i, long rip) {
        StringBuilder s = new StringBuilder();
        if (i.lock && i.row.lockable) {
            s.append("lock ");
        }
        if (i.row.string && i.rep != 0) {
            s.append(i.rep == 0xf2 ? "repne " : "rep ");
        }
        String name = i.op.name().toLowerCase(Locale.ROOT);
        s.append(i.vex && i.row.feature.startsWith("AVX") && !name.startsWith("v") ? "v" + name : name);
        if (i.row.feature.equals("FMA")) {
            s.append(i.opcode >> 4 == 9 ? "132" : i.opcode >> 4 == 10 ? "213" : "231").append(i.s0 < 16 ? 's' : 'p').append(i.rexW ? 'd' : 's');
        }
        if (i.row.string) {
            s.append(switch (i.size) { case 1 -> "b"; case 2 -> "w"; case 4 -> "d"; default -> "q"; });
            return s.toString();
        }
        for (int o = 0; o < i.operands; o++) {
            s.append(o == 0 ? " " : ",");
            operand(s, i, o, rip);
        }
        return s.toString();
    }

    /** Name of a general register of {@code size} bytes. */
    public static String register(int r, int size) {
        return switch (size) {
            case 8 -> R64[r];
            case 4 -> r < 8 ? R32[r] : R64[r] + "d";
            case 2 -> r < 8 ? R16[r] : R64[r] + "w";
            case 1 -> r < 8 ? R8[r] : R64[r] + "b";
            default -> R64[r];
        };
    }

    private static void operand(StringBuilder s, Insn i, int o, long rip) {
        int r = i.reg(o);
        switch (i.kind(o)) {
            case Insn.GPR -> s.append(register(r, i.size(o)));
            case Insn.GPR_HIGH -> s.append(HIGH[r]);
            case Insn.MEM -> memory(s, i, rip);
            case Insn.IMM -> hex(s, i.imm);
            case Insn.IMM2 -> hex(s, i.imm2);
            case Insn.REL -> s.append("0x").append(Long.toHexString(rip + i.length + i.imm & (i.mode == Insn.MODE_64 ? -1L : 0xffff_ffffL)));
            case Insn.XMM -> s.append(i.size(o) == 32 ? "ymm" : "xmm").append(r);
            case Insn.MMX -> s.append("mm").append(r);
            case Insn.ST -> s.append("st").append(r);
            case Insn.SEG -> s.append(SEGMENT[r]);
            case Insn.CR -> s.append("cr").append(r);
            case Insn.DR -> s.append("dr").append(r);
            case Insn.FAR -> { hex(s, i.imm2); s.append(':'); hex(s, i.imm); }
            default -> s.append('?');
        }
    }

    private static void memory(StringBuilder s, Insn i, long rip) {
        s.append(switch (i.memSize) {
            case 1 -> "byte ";
            case 2 -> "word ";
            case 4 -> "dword ";
            case 6 -> "fword ";
            case 8 -> "qword ";
            case 10 -> "tbyte ";
            case 16 -> "oword ";
            default -> "";
        });
        s.append('[');
        if (i.seg >= 4 || i.mode == Insn.MODE_32 && i.seg < 2) {
            s.append(SEGMENT[i.seg]).append(':');
        }
        int start = s.length();
        if (i.base >= 0) {
            s.append(register(i.base, i.asz));
        }
        if (i.index >= 0) {
            s.append(s.length() > start ? "+" : "").append(register(i.index, i.asz));
            if (i.scale > 0) {
                s.append('*').append(1 << i.scale);
            }
        }
        if (i.ripRelative) {
            s.append("rip ");
            hex(s, rip + i.length + i.disp);
        } else if (s.length() == start) {
            s.append("0x").append(Long.toHexString(i.disp));
        } else if (i.disp != 0) {
            if (i.disp > 0) {
                s.append('+');
            }
            hex(s, i.disp);
        }
        s.append(']');
    }

    private static void hex(StringBuilder s, long v) {
        if (v < 0) {
            s.append('-');
        }
        long a = Math.abs(v);
        s.append(a < 10 ? "" : "0x").append(Long.toHexString(a));
    }
}
