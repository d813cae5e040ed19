package xen.cpu.nativecode;

import java.util.ArrayList;
import java.util.List;
import xen.hw.x86smp.decode.Decoder;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.engine.CodeBlock;

/**
 * The way round a loop of several blocks of one page, as far as it was gone so far: emitted as one piece, so that the flags need not be saved at the end of
 * each. It begins at the block that is translated, which is the first in the page, and the last part leads back to it.
 */
final class Trace {
    /** A block on the way: page offset, instructions. */
    record Part(int off, Insn[] insns) {
        int end() { return at(insns.length); }

        /** Page offset of instruction {@code k}, or of what follows the last one. */
        int at(int k) {
            int at = off;
            for (int j = 0; j < k; j++) {
                at += insns[j].length;
            }
            return at;
        }
    }

    /** Bytes from the first part's first to the last one looked at; instructions; parts. */
    static final int MOST_BYTES = 512, MOST_INSTRUCTIONS = 64, MOST_PARTS = 8;

    private Trace() {}

    /**
     * @param head the block, {@code insns} its instructions
     * @param code host address of a copy of its bytes and what follows, {@code room} how many
     * @return its parts in order; one when there is no such loop
     */
    static List<Part> of(CodeBlock head, Insn[] insns, Decoder decoder, long code, int room) {
        List<Part> parts = new ArrayList<>(List.of(new Part(head.off, insns)));
        List<Part> alone = List.copyOf(parts);
        int instructions = insns.length;
        while (true) {
            int to = next(head, parts.getLast());
            if (to == head.off) {
                return parts;
            }
            if (to < head.off || to - head.off >= room || parts.size() == MOST_PARTS) {
                return alone;
            }
            Insn[] more = decode(decoder, code + to - head.off, room - (to - head.off), MOST_INSTRUCTIONS - instructions);
            if (more == null || new Part(to, more).end() - to != head.neighbour(to).bytes || parts.stream().anyMatch(p -> p.off == to)) {
                return alone;
            }
            instructions += more.length;
            parts.add(new Part(to, more));
        }
    }

    /** Page offset of the part that follows this one, -1 = none. */
    private static int next(CodeBlock head, Part p) {
        Insn last = p.insns[p.insns.length - 1];
        int fall = p.end();
        if (last.op == Opcode.JMP && last.k0 == Insn.REL && !last.p66) {
            return seen(head, fall + last.imm) >= 0 ? fall + (int) last.imm : -1;
        }
        if (!Coverage.jcc(last) || last.p66) {
            return -1;
        }
        int down = seen(head, fall), taken = seen(head, fall + last.imm);
        return Math.max(down, taken) < 0 ? -1 : down > taken ? fall : fall + (int) last.imm;
    }

    /** How often tier 0 executed the block there, as far as it is known; -1 = there is none. */
    private static int seen(CodeBlock head, long off) {
        CodeBlock b = off < 0 || off >= 4096 ? null : head.neighbour((int) off);
        return b == null || !b.valid || b.secondPage != 0 ? -1 : b.heat;
    }

    /** The instructions up to a jump that is there; null when there is none, or one of them has to do with XMM registers. */
    private static Insn[] decode(Decoder decoder, long code, int room, int most) {
        List<Insn> all = new ArrayList<>();
        for (int at = 0; at < room && all.size() < most;) {
            Insn i = decoder.decode(code + at, room - at, Insn.MODE_64);
            if (i == null || Coverage.vector(i) || ControlOps.vector(i)) {
                return null;
            }
            all.add(i);
            at += i.length;
            if (i.terminates()) {
                return all.toArray(new Insn[0]);
            }
        }
        return null;
    }
}
