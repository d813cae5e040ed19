package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.decode.Row;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/**
 * Emits one block: budget check, instructions, terminator, then the out-of-line exits. An exit stands in front of the instruction that
 * it leaves to tier 0, with the flags in their slot and every guest register up to date.
 */
final class BlockEmitter {
    /** Longest code that one instruction and its exits take, with room to spare. */
    static final int MAX_PER_INSTRUCTION = 480;

    final Assembler a;
    final FlagState flags;
    private final NativeTranslator owner;
    private final CodeBlock block;
    /** Of a trace, the part that is being emitted. */
    private Insn[] insns;
    private final List<Trace.Part> parts;
    private final List<Side> sides = new ArrayList<>();
    private final long base;
    private final Reencoder reencoder;
    private final Exits exits;
    private final MemoryAccess memory;
    private final StackOps stack;
    private final StringOps strings;
    private final BitStrings bits;
    private final Division division;
    private final ControlOps control;
    private final StateOps state;
    private final X87Control x87;
    private final SegmentBases bases;
    private final Branches branches;

    /** A jump out of a trace to a page offset; {@code flags}: to be saved on the way, or null. */
    private record Side(long place, FlagRecipe flags, int to) {}

    /** @param parts the block's instructions, and those of other blocks when it is a trace */
    BlockEmitter(NativeTranslator owner, CodeBlock block, List<Trace.Part> parts, long at, long base) {
        this.owner = owner;
        this.block = block;
        this.parts = parts;
        insns = parts.getFirst().insns();
        this.base = base;
        a = new Assembler(at);
        flags = new FlagState(a);
        exits = new Exits(owner, block, a, flags, base);
        memory = new MemoryAccess(a, exits);
        reencoder = new Reencoder(this, memory);
        stack = new StackOps(this, memory);
        strings = new StringOps(this, memory, exits);
        bits = new BitStrings(this, memory);
        division = new Division(this, memory, exits);
        control = new ControlOps(this, memory, exits);
        state = new StateOps(this, memory, stack, exits);
        x87 = new X87Control(this, memory, exits);
        branches = new Branches(this, memory, stack, state, exits);
        bases = new SegmentBases(this, memory, branches);
    }

    /** @return where the code ends, or 0 when the block is not worth translating */
    long emit() {
        int n = 0;
        while (n < insns.length && supported(insns[n])) {
            n++;
        }
        if (n == 0) {
            return 0;
        }
        if (block.secondPage != 0) {
            checkSecondPage();
        }
        a.aluMem(5, true, RSP, Frame.BUDGET, insns.length);
        exits.when(S, 0);
        boolean vectors = false, avx = false;
        for (int k = 0; k < n; k++) {
            vectors |= Coverage.vector(insns[k]) || ControlOps.vector(insns[k]);
            avx |= Coverage.avx(insns[k]);
        }
        if (vectors) {
            loadVectors();
        }
        if (avx) {
            // not enabled: #UD is tier 0's
            a.load(R11, RSP, Frame.FILE);
            a.aluMem(7, false, R11, VcpuContext.XCR0, 7);
            exits.when(NE, 0);
        }
        if (parts.size() > 1) {
            trace();
            return a.at;
        }
        round = n == insns.length && loops() ? FlagRecipe.of(insns[n - 2]) : null;
        body(n, block.off);
        if (round != null) {
            patch(again, a.at);
            top = a.at;
            flags.only(round);
            a.aluMem(5, true, RSP, Frame.BUDGET, insns.length);
            exits.when(S, 0);
            body(n, block.off);
        }
        exits.emit();
        return a.at;
    }

    /**
     * A block that jumps to itself, with flags that can be had again, is emitted twice: rounds from the second on run in a copy whose exits make the flags
     * that the round before left. Null: it is not.
     */
    private FlagRecipe round;
    /** The first copy's jump to the second, and where that begins; 0 = not yet. */
    private long again, top;

    private boolean loops() {
        Insn last = insns[insns.length - 1];
        return insns.length > 1 && block.secondPage == 0 && Coverage.jcc(last) && block.bytes + last.imm == 0;
    }

    /** The jump of a block to itself: out of its first copy into the second, and round in that. */
    private void nextRound(Insn last, int off) {
        flags.restore();
        int condition = Coverage.condition(last);
        if (top == 0) {
            again = a.jcc(condition);
        } else {
            a.jccTo(condition, top);
        }
        flags.save();
        branches.jump(off);
    }

    /** True if every instruction of the parts can be emitted. */
    boolean takesAll() { return parts.stream().allMatch(p -> Arrays.stream(p.insns()).allMatch(this::supported)); }

    /** The way round, then the ways out of it. The flags at the end of a part are saved on the ways out if they can be had again there. */
    private void trace() {
        for (int p = 0; p < parts.size(); p++) {
            insns = parts.get(p).insns();
            exits.part(parts, p);
            if (p > 0) {
                a.aluMem(5, true, RSP, Frame.BUDGET, insns.length);
                exits.when(S, 0);
            }
            if (p + 1 < parts.size()) {
                body(insns.length - 1, parts.get(p).off());
                through(p);
            } else {
                body(insns.length, parts.get(p).off());
            }
        }
        for (Side s : sides) {
            patch(s.place, a.at);
            if (s.flags != null) {
                s.flags.emit(a);
                FlagState.store(a);
            }
            branches.jump(s.to);
        }
        exits.emit();
    }

    /** From part {@code p} to the next one. */
    private void through(int p) {
        Insn last = insns[insns.length - 1];
        int off = parts.get(p).end(), to = parts.get(p + 1).off();
        FlagRecipe recipe = flags.saved() ? null : flags.pending() != null ? flags.pending() : FlagRecipe.behind(insns);
        boolean conditional = Coverage.jcc(last);
        if (conditional) {
            flags.restore();
        }
        if (recipe == null) {
            flags.save();
        }
        if (conditional) {
            int condition = Coverage.condition(last), taken = off + (int) last.imm;
            sides.add(new Side(a.jcc(to == taken ? condition ^ 1 : condition), recipe, to == taken ? off : taken));
        }
        if (recipe == null) {
            flags.clobber();
        } else {
            flags.only(recipe);
        }
    }

    /** @param n instructions to be emitted: up to one that is not supported, in front of a trace's jump to its next part, or all */
    private void body(int n, int from) {
        int off = from;
        boolean ended = false;
        for (int k = 0; k < n; k++) {
            Insn i = insns[k];
            off += i.length;
            if (i.terminates()) {
                if (round != null) {
                    nextRound(i, off);
                } else {
                    branches.emit(i, k, off);
                }
                ended = true;
            } else if (!Coverage.nothing(i)) {
                if (flags.pending() != null && flags.pending().endangeredBy(i)) {
                    flags.save();
                }
                instruction(i, k, off);
            }
        }
        if (parts.size() > 1 && n < insns.length) {
            return;
        }
        if (n < insns.length) {
            flags.save();
            exits.always(n);
        } else if (!ended) {
            flags.save();
            branches.jump(off);
        }
    }

    private boolean supported(Insn i) {
        return i.terminates() ? Branches.takes(i) : Coverage.nothing(i) || special(i) || owner.coverage.plain(i);
    }

    /** Not re-encoded: each has its own sequence. */
    private static boolean special(Insn i) {
        return i.mode == Insn.MODE_64 && (i.op == Opcode.MFENCE || i.op == Opcode.SFENCE || StackOps.takes(i) || Division.takes(i) || StringOps.takes(i)
                || BitStrings.takes(i) || ControlOps.takes(i) || StateOps.takes(i) || X87Control.takes(i) || SegmentBases.takes(i));
    }

    private void instruction(Insn i, int k, int off) {
        switch (i.op) {
            case PUSH, POP, LEAVE -> stack.emit(i, k, off);
            case DIV, IDIV -> division.emit(i, k, off);
            case STOS, MOVS, LODS -> strings.emit(i, k);
            case RDTSC, RDTSCP, CLD, STD, LDMXCSR, STMXCSR -> control.emit(i, k, off, insns.length);
            case FNSTCW, FLDCW, FNSTSW, FNCLEX -> x87.emit(i, k, off);
            case RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE -> bases.emit(i, k);
            case MFENCE -> fence(0xf0);
            // MOVNTI and its like are emitted as they are, so this is needed too
            case SFENCE -> fence(0xf8);
            default -> {
                if (StateOps.takes(i)) {
                    state.emit(i, k);
                    return;
                }
                flagsBefore(i, k);
                if (BitStrings.takes(i)) {
                    bits.emit(i, k, off);
                } else {
                    reencoder.emit(i, k, off);
                }
                flagsAfter(i);
            }
        }
    }

    private void fence(int modrm) {
        a.b(0x0f);
        a.b(0xae);
        a.b(modrm);
    }

    // Flags

    /** An instruction that leaves some flags as they were needs the old ones in place. */
    private void flagsBefore(Insn i, int k) {
        Row r = i.row;
        if (i.mem >= 0 && i.memSize > 0 && i.op != Opcode.LEA) {
            flags.clobber();
        }
        needed = r.flagsRead != 0 || keeps(i) != 0 && !dead(k);
    }

    private boolean needed;

    /** Whether {@link #bringFlags} will do something: R10 is lost then. */
    boolean needsFlags() { return needed; }

    /** Called by the re-encoder right in front of the instruction itself. */
    void bringFlags() {
        if (needed) {
            flags.restore();
        }
    }

    /** Status flags that a flag writer leaves as they were, or may. */
    private static int keeps(Insn i) {
        Row r = i.row;
        boolean certain = i.operands > 1 && i.kind(i.operands - 1) == Insn.IMM && (i.imm & (i.size == 8 ? 63 : 31)) != 0;
        int written = r.flagsWritten | (certain ? r.flagsMaybe : 0);
        return ((written | r.flagsMaybe) & Row.STATUS) == 0 ? 0 : Row.STATUS & ~written;
    }

    /** True if behind instruction k, before the block can be left or anybody reads them, all status flags are written. */
    private boolean dead(int k) {
        for (int j = k + 1; j < insns.length; j++) {
            Insn i = insns[j];
            Row r = i.row;
            if (i.mem >= 0 && i.memSize != 0 || i.terminates() || !r.noFault || r.flagsRead != 0 || special(i) || !supported(i)) {
                return false;
            }
            if (((r.flagsWritten | r.flagsMaybe) & Row.STATUS) != 0) {
                return keeps(i) == 0;
            }
        }
        return false;
    }

    private void flagsAfter(Insn i) {
        if (((i.row.flagsWritten | i.row.flagsMaybe) & Row.STATUS) != 0) {
            flags.written();
        }
    }

    /** The instruction's second part must still be in the page that it was decoded from. */
    private void checkSecondPage() {
        a.load(R10, RSP, Frame.PAGE);
        a.lea(R10, R10, -1, 0, 4096);
        memory.check(1, Tlb.EXECUTE, Exits.ANEW);
        a.movImm(R11, block.secondPage);
        a.rr(true, 0x3b, R10, R11);
        exits.when(NE, Exits.ANEW);
    }

    private void loadVectors() {
        a.aluMem(7, true, RSP, Frame.VEC_LIVE, 0);
        long live = a.jcc(NE);
        // R11 = where to go on, R10 = the exit when the guest has SIMD exceptions unmasked
        long back = a.leaRip(R11);
        long cannot = a.leaRip(R10);
        a.jmpTo(base + owner.stubs.loadVectors);
        patch(back, a.at);
        patch(live, a.at);
        exits.at(cannot, 0);
    }
}
