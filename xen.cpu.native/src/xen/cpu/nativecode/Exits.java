package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import java.util.ArrayList;
import java.util.List;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.ExitPoint;

/** The ways out of one block, emitted out of line behind it. One exit serves all places that leave in front of the same instruction. */
final class Exits {
    /** For {@link #when} and {@link #walk} in front of the budget check: tier 0 looks up anew what code is at the block's address. */
    static final int ANEW = -2;

    private final NativeTranslator owner;
    private final CodeBlock block;
    private final Assembler a;
    private final FlagState flags;
    private final long base;
    private final List<Exit> exits = new ArrayList<>();
    private final List<Miss> misses = new ArrayList<>();

    /** A failed TLB check: page walk, then on behind the check or out in front of instruction {@code k}. */
    private record Miss(long place, int access, long back, int k, FlagRecipe flags, int part) {}

    /**
     * @param off &gt;= 0: RIP is set to page + off; {@code index}: instruction to go on with and {@code part}, for sharing, or -1; {@code hit}: where a looked-up
     *     jump goes on, or 0; {@code flags}: to be saved by this first, or null; {@code back}: instructions that were counted and not done
     */
    private record Exit(List<Long> places, int id, int off, int index, int part, long hit, FlagRecipe flags, int back) {}

    /** The parts of a trace, and which of them is being emitted. Of the first an exit names the instruction, of the others its address. */
    private List<Trace.Part> parts = List.of();
    private int part;

    Exits(NativeTranslator owner, CodeBlock block, Assembler a, FlagState flags, long base) {
        this.flags = flags;
        this.owner = owner;
        this.block = block;
        this.a = a;
        this.base = base;
    }

    /** Leaves in front of instruction {@code k} if the condition holds. */
    void when(int cc, int k) { leave(a.jcc(cc), k, flags.pending(), part); }

    /** The TLB check in front of here did not match: walks the tables and goes on behind it, or leaves in front of instruction {@code k}. */
    void walk(int access, int k) {
        long place = a.jcc(NE);
        misses.add(new Miss(place, access, a.at, k, flags.pending(), part));
    }

    private void leave(long place, int k, FlagRecipe recipe, int part) {
        for (Exit e : exits) {
            if (e.index == k && e.part == part && e.flags == recipe) {
                e.places.add(place);
                return;
            }
        }
        boolean anew = k == ANEW;
        int off = anew ? block.off : part > 0 ? parts.get(part).at(k) : -1;
        exits.add(new Exit(new ArrayList<>(List.of(place)), owner.newExit(block, off >= 0 ? -1 : k, 0), off, k, part, 0, recipe, part > 0 ? rest(part, k) : 0));
    }

    /** What follows belongs to this part of a trace. */
    void part(List<Trace.Part> all, int number) {
        parts = all;
        part = number;
    }

    private int rest(int part, int k) { return parts.get(part).insns().length - k; }

    /** Leaves in front of instruction {@code k}. */
    void always(int k) { at(a.jmp(), k); }

    /** The jump whose displacement is at {@code place} leaves in front of instruction {@code k}. */
    void at(long place, int k) { add(place, owner.newExit(block, k, 0), -1); }

    /** A jump to an offset of the same page: leaves until it is linked. */
    void link(long place, int targetOff) { add(place, owner.newExit(block, -1, place, targetOff), targetOff); }

    /**
     * A jump that missed the jump cache: looks further and goes on at {@code hit}, else leaves. RIP is in R10, or instruction {@code k} is to be done
     * again.
     */
    void byCache(long place, int k, long hit) {
        exits.add(new Exit(new ArrayList<>(List.of(place)), owner.newExit(block, k, ExitPoint.BY_CACHE), -1, -1, 0, hit, null, 0));
    }

    /** Behind a SYSCALL that ends at page offset {@code off}. */
    void systemCall(int off) { add(a.jmp(), owner.newExit(block, -1, ExitPoint.SYSTEM_CALL), off); }

    private void add(long place, int id, int off) { exits.add(new Exit(new ArrayList<>(List.of(place)), id, off, -1, 0, 0, null, 0)); }

    void emit() {
        for (Miss m : misses) {
            patch(m.place, a.at);
            a.callTo(base + owner.stubs.walk(m.access));
            a.jccTo(E, m.back);
            leave(a.jmp(), m.k, m.flags, m.part);
        }
        exits.forEach(this::emit);
    }

    private void emit(Exit e) {
        for (long p : e.places) {
            patch(p, a.at);
        }
        owner.placed(e.id, a.at);
        if (e.flags != null) {
            e.flags.emit(a);
            FlagState.store(a);
        }
        if (e.off >= 0) {
            a.load(R10, RSP, Frame.PAGE);
            a.lea(R10, R10, -1, 0, e.off);
        }
        if (e.hit != 0) {
            long back = a.leaRip(R11);
            a.store(RSP, Frame.CONTINUE, R11);
            a.jmpTo(base + owner.stubs.lookup);
            patch(back, a.at);
            a.jccTo(E, e.hit);
        }
        if (e.back != 0) {
            a.aluMem(0, true, RSP, Frame.BUDGET, e.back);
        }
        a.movImm32(R11, e.id);
        a.jmpTo(base + owner.stubs.leave);
    }
}
