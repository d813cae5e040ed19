package xen.hw.x86smp.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Every instruction the machine knows, as text rows {@code encoding | MNEMONIC operands | attributes}, and the index the decoder uses.
 * The first row that matches an encoding wins, so special cases stand before general ones.
 *
 * <p>Encoding: {@code np} no mandatory prefix, {@code nr} no F2/F3 (66 is operand size), {@code 66 f2 f3} mandatory prefix, opcode bytes,
 * {@code +r} register in the opcode, {@code /r} ModRM, {@code /0../7} ModRM.reg is opcode, {@code rm0..rm7} ModRM.rm too, {@code reg mem}
 * form, {@code anymod} mod ignored, {@code w0 w1} REX.W, {@code rexb0} REX.B clear, {@code o16 o32 o64} effective operand size, {@code vex}, {@code l0 l1} VEX.L. VPERMQ and VPERMPD ignore VEX.W as AMD's do.
 *
 * <p>Operands are a letter and a size. Letters of SDM appendix A: E G M R (general/memory), I immediate (size s = sign-extended byte), K second
 * immediate, J relative, A far pointer, O direct offset, S C D registers, V W U (XMM), P Q N (MMX), B VEX.vvvv, F the same as an
 * XMM register, L an XMM register in bits 4-7 of an immediate, X Y string source and destination,
 * Z register of {@code +r}, H general register in rm, T ST(rm). Sizes: b w d q x=16 (32 in 256-bit VEX forms; k m l are its half,
 * quarter, eighth; o always 16) t=10, v operand size, z the same but at most 4, y 4 or 8, h native
 * (8 in 64-bit mode), p far pointer in memory, s descriptor-table operand, a BOUND pair, n unsized.
 *
 * <p>Attributes: {@code lock} lockable, {@code term} ends a block, {@code fault} may fault even in register form, {@code str} string instruction, {@code vsib} vector index,
 * {@code priv=} ring 0 only, {@code d64} 64-bit default, {@code f64} always 64 bits (in 64-bit mode; prefix 66 ignored as on Intel), {@code i64 o64}
 * invalid/only in 64-bit mode, flags {@code r:} read {@code w:} written {@code u:} undefined {@code m:} written unless a count is 0, {@code f=} CPUID feature.
 */
public final class InstructionTable {
    static final Row UD = RowParser.pseudo(Opcode.UD), TOO_LONG = RowParser.pseudo(Opcode.TOO_LONG);
    private static final Row[] NO_ROWS = {};
    private static final List<Row> ROWS = parse();
    /** Candidates at {@code (map << 8 | opcode) << 3 | ModRM.reg}. */
    private static final Row[][] INDEX = index();
    /** Which {@code map << 8 | opcode} are followed by a ModRM byte. */
    private static final boolean[] MODRM = modrm();

    private InstructionTable() {}

    /** All rows, in table order. */
    public static List<Row> rows() { return ROWS; }

    static boolean hasModrm(int map, int opcode) { return MODRM[map << 8 | opcode]; }

    static Row[] candidates(int map, int opcode, int reg) { return INDEX[(map << 8 | opcode) << 3 | reg]; }

    private static List<Row> parse() {
        List<Row> rows = new ArrayList<>(1000);
        for (String text : List.of(OneByteRows.TEXT, TwoByteRows.TEXT, SseRows.TEXT, Sse4Rows.TEXT, AvxRows.TEXT, Avx2Rows.TEXT, X87Rows.TEXT)) {
            for (int from = 0, to; (to = text.indexOf('\n', from)) >= 0; from = to + 1) {
                rows.add(new Row(new RowParser(text.substring(from, to))));
            }
        }
        return Collections.unmodifiableList(rows);
    }

    private static Row[][] index() {
        Row[][] index = new Row[4 << 11][];
        Arrays.fill(index, NO_ROWS);
        for (Row r : ROWS) {
            for (int o = 0; o < (r.plusReg ? 8 : 1); o++) {
                Row[] same = null, extended = null;
                for (int reg = 0; reg < 8; reg++) {
                    if (r.digit >= 0 && r.digit != reg) {
                        continue;
                    }
                    int at = (r.map << 8 | r.opcode + o) << 3 | reg;
                    if (index[at] != same) {
                        same = index[at];
                        extended = Arrays.copyOf(same, same.length + 1);
                        extended[same.length] = r;
                    }
                    index[at] = extended;
                }
            }
        }
        return index;
    }

    private static boolean[] modrm() {
        boolean[] has = new boolean[4 << 8];
        // The three-byte maps have one behind every opcode, known or not.
        Arrays.fill(has, Row.MAP_0F38 << 8, has.length, true);
        for (Row r : ROWS) {
            if (r.modrm) {
                has[r.map << 8 | r.opcode] = true;
            }
        }
        return has;
    }
}
