package xen.cpu.bytecode;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.Surroundings;
import xen.kernel.api.hw.VcpuContext;

/**
 * Which blocks make up a region: a hot one, and what direct jumps and calls lead to from there in this page and those around as far as it
 * was executed often enough too. Return sites of calls inside the region belong to it, so a recursion stays inside. A region with an
 * indirect jump takes in the page's other hot blocks: most likely it leads there.
 *
 * <p>Places are offsets from the first byte of the page of the region's first block; in other pages they are below 0 or from 4096.
 */
final class Shape {
    /** Estimated bytecodes; the JVM compiles no method over 8,000 and inlines no helper beyond that many in sum. */
    static final int LARGEST = 4200;
    private static final int MOST_BLOCKS = 40;
    /** Pages around the first that a region may reach into. */
    private static final int REACH = 4;

    /** The first is where the region is entered. */
    final List<CodeBlock> blocks = new ArrayList<>();
    final Map<Integer, CodeBlock> byOffset = new HashMap<>();
    private final Map<CodeBlock, Integer> offsets = new HashMap<>();
    /** Leading instructions of a block that are translated. */
    private final Map<CodeBlock, Integer> covered = new HashMap<>();
    /** Bit per general register: named in the region; written there. */
    int used, written;
    /** The same for XMM registers. */
    int usedVectors, writtenVectors;
    boolean vectors;

    /** Blocks here that nothing here leads to directly: where jumps through tables and pointers go. */
    final List<Integer> targets = new ArrayList<>();

    private final int hot;
    private final Surroundings near;
    private final Collection<CodeBlock> others;
    private final ArrayDeque<CodeBlock> open = new ArrayDeque<>();
    private int size;

    private Shape(int hot, Surroundings near, Collection<CodeBlock> others) {
        this.hot = hot;
        this.near = near;
        this.others = others;
    }

    /**
     * @param hot executions of a block that make it worth taking in
     * @param others what is not to be taken in
     * @param around pages on either side where an indirect jump may lead to
     * @return null when the block is not worth it
     */
    static Shape around(CodeBlock seed, Surroundings near, int hot, Collection<CodeBlock> others, int around) {
        int n = Coverage.prefix(seed);
        if (n == 0 || n < 3 && n < seed.insns.length) {
            return null;
        }
        Shape s = new Shape(hot, near, others);
        s.add(seed, seed.off, n);
        s.spread();
        if (s.jumpsAnywhere()) {
            for (int off = -around * 4096; off < (around + 1) * 4096; off++) {
                if (s.join(off)) {
                    s.targets.add(off);
                    s.spread();
                }
            }
        }
        s.registers();
        return s;
    }

    /** Leaves out the second half of the blocks; false when there is but one. */
    boolean halve() {
        int n = blocks.size();
        if (n == 1) {
            return false;
        }
        List<CodeBlock> gone = blocks.subList((n + 1) / 2, n);
        for (CodeBlock b : gone) {
            byOffset.remove(offsets.remove(b));
            covered.remove(b);
        }
        gone.clear();
        targets.removeIf(t -> !byOffset.containsKey(t));
        used = written = usedVectors = writtenVectors = 0;
        vectors = false;
        registers();
        return true;
    }

    /** Page of a block, counted from the region's. */
    int page(CodeBlock b) { return offsets.get(b) >> 12; }

    int offset(CodeBlock b) { return offsets.get(b); }

    /** The blocks in the region's own page, the first one first. */
    List<CodeBlock> inPage() { return blocks.stream().filter(b -> page(b) == 0 && b.secondPage == 0).toList(); }

    int instructions() { return blocks.stream().mapToInt(this::covered).sum(); }

    /** Adds what direct jumps and calls lead to. */
    private void spread() {
        while (!open.isEmpty()) {
            successors(open.remove()).forEach(this::join);
        }
    }

    /** Adds the block at a place if it is hot, not here yet, and still fits. */
    private boolean join(int off) {
        if (off >> 12 < -REACH || off >> 12 > REACH || byOffset.containsKey(off) || blocks.size() == MOST_BLOCKS) {
            return false;
        }
        CodeBlock b = near.at(off);
        if (b == null || !b.valid || b.heat < hot && b.entry == 0 || offsets.containsKey(b) || others.contains(b)) {
            return false;
        }
        int n = Coverage.prefix(b);
        if (n == 0 || size + cost(b, n) > LARGEST) {
            return false;
        }
        add(b, off, n);
        return true;
    }

    /** Some jump or call here has its target in a register or in memory. */
    private boolean jumpsAnywhere() {
        return blocks.stream().anyMatch(b -> whole(b) && indirect(b.insns[b.insns.length - 1]));
    }

    private static boolean indirect(Insn i) { return (i.op == Opcode.JMP || i.op == Opcode.CALL) && i.k0 != Insn.REL; }

    int covered(CodeBlock b) { return covered.get(b); }

    /** Translated to its end. */
    boolean whole(CodeBlock b) { return covered(b) == b.insns.length; }

    private void add(CodeBlock b, int off, int n) {
        blocks.add(b);
        byOffset.put(off, b);
        offsets.put(b, off);
        covered.put(b, n);
        size += cost(b, n);
        open.add(b);
    }

    private List<Integer> successors(CodeBlock b) {
        if (!whole(b)) {
            return List.of();
        }
        Insn last = b.insns[b.insns.length - 1];
        int end = offset(b) + b.bytes;
        if (!last.terminates()) {
            return List.of(end);
        }
        int target = last.k0 == Insn.REL ? end + (int) last.imm : 0;
        if (Coverage.jcc(last)) {
            return List.of(target, end);
        }
        if (last.op == Opcode.CALL) {
            return last.k0 == Insn.REL ? List.of(target, end) : List.of(end);
        }
        return last.k0 == Insn.REL ? List.of(target) : List.of();
    }

    /** Blocks here that a call here returns to. */
    List<Integer> returnSites() {
        List<Integer> sites = new ArrayList<>();
        for (CodeBlock b : blocks) {
            int end = offset(b) + b.bytes;
            if (whole(b) && b.insns[b.insns.length - 1].op == Opcode.CALL && byOffset.containsKey(end) && !sites.contains(end)) {
                sites.add(end);
            }
        }
        return sites;
    }

    private static int cost(CodeBlock b, int n) {
        int sum = 60;
        for (int k = 0; k < n; k++) {
            Insn i = b.insns[k];
            sum += Coverage.stepped(i) ? 200 : i.mem >= 0 && i.memSize > 0 || Coverage.stack(i) ? 80 : Coverage.nothing(i) ? 0 : 28;
        }
        return sum;
    }

    private void registers() {
        for (CodeBlock b : blocks) {
            for (int k = 0; k < covered(b); k++) {
                Insn i = b.insns[k];
                if (Coverage.stepped(i)) {
                    continue;
                }
                vectors |= Coverage.vector(i);
                for (int o = 0; o < i.operands; o++) {
                    if (i.kind(o) == Insn.XMM) {
                        usedVectors |= 1 << i.reg(o);
                        writtenVectors |= o == 0 ? 1 << i.reg(o) : 0;
                    }
                    if (i.kind(o) == Insn.GPR || i.kind(o) == Insn.GPR_HIGH) {
                        used |= 1 << i.reg(o);
                        if (o == 0 && Coverage.writesFirst(i) || o == 1 && (i.op == Opcode.XCHG || i.op == Opcode.XADD)) {
                            written |= 1 << i.reg(o);
                        }
                    }
                }
                used |= (i.mem >= 0 && i.base >= 0 ? 1 << i.base : 0) | (i.mem >= 0 && i.index >= 0 ? 1 << i.index : 0);
                int hidden = hidden(i);
                used |= hidden;
                written |= hidden;
            }
        }
    }

    /** Registers that an instruction changes without naming them. */
    private static int hidden(Insn i) {
        int a = 1 << VcpuContext.RAX, c = 1 << VcpuContext.RCX, d = 1 << VcpuContext.RDX, sp = 1 << VcpuContext.RSP;
        return switch (i.op) {
            case PUSH, POP, CALL, RET -> sp;
            case LEAVE -> sp | 1 << VcpuContext.RBP;
            case CBW, CWDE, CDQE, CWD, CDQ, CQO, DIV, IDIV, MUL -> a | d;
            case IMUL -> i.operands == 1 ? a | d : 0;
            case SHL, SHR, SAR, ROL, ROR -> c;
            case CMPXCHG -> a;
            default -> 0;
        };
    }
}
