package xen.cpu.bytecode;

import java.lang.classfile.Label;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Row;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.rules.Flags;

/**
 * Lazy flags while a region is written: what is known of the last flag writer, so that a condition behind a compare is a compare. The
 * locals FK, FR, FA, FB are always right, also when nothing is known.
 */
final class FlagCode {
    static final int UNKNOWN = -1;
    private static final String STATE = "(IJJJ";

    private final Code c;
    private final Shape shape;
    private CodeBlock block;
    private int kind = UNKNOWN, size = 8;

    FlagCode(Code c, Shape shape) {
        this.c = c;
        this.shape = shape;
    }

    void begin(CodeBlock x) {
        block = x;
        kind = UNKNOWN;
    }

    /** True if what instruction {@code k} writes is written again before anything can look. */
    boolean dead(int k) {
        for (int j = k + 1; j < shape.covered(block); j++) {
            Insn i = block.insns[j];
            Row r = i.row;
            if (Coverage.mayExit(i) || i.terminates() || (r.flagsRead & Row.STATUS) != 0) {
                return false;
            }
            boolean count = i.operands > 1 && i.kind(i.operands - 1) == Insn.IMM && (i.imm & (i.size == 8 ? 63 : 31)) != 0;
            int written = r.flagsWritten | r.flagsUndefined | (count ? r.flagsMaybe : 0);
            if ((written & Row.STATUS) == Row.STATUS) {
                return true;
            }
            if (((written | r.flagsMaybe) & Row.STATUS) != 0) {
                // INC and DEC take the carry over
                return false;
            }
        }
        return false;
    }

    /** FR, FA and FB are set: says what they are. */
    void written(int kind, int size) {
        if (this.kind != kind) {
            c.flagKind(kind);
        }
        this.kind = kind;
        this.size = size;
    }

    /** Behind an instruction of tier 0's. */
    void read() {
        c.fillKind();
        c.fill(Code.FR);
        c.fill(Code.FA);
        c.fill(Code.FB);
        kind = UNKNOWN;
    }

    /** Behind a writer that may not have written. */
    void unknown() { kind = UNKNOWN; }

    /** Pops RAW flags. */
    void raw() {
        c.store(Code.FR);
        written(Flags.RAW, 8);
    }

    /** Pushes kind, result and operands. */
    void state() {
        if (kind == UNKNOWN) {
            c.flagKind();
        } else {
            c.constant(kind);
        }
        c.load(Code.FR);
        c.load(Code.FA);
        c.load(Code.FB);
    }

    /** Pushes the carry as 0 or 1. */
    void carry() {
        switch (kind) {
            case Flags.LOGIC -> c.b.lconst_0();
            case Flags.INC, Flags.DEC -> c.load(Code.FB);
            case Flags.RAW -> {
                c.load(Code.FR);
                c.b.lconst_1().land();
            }
            default -> {
                state();
                c.flags("carry", STATE + ")J");
            }
        }
    }

    /** Branches if condition {@code cc} holds. */
    void branch(int cc, Label taken) {
        boolean not = (cc & 1) != 0;
        if (kind == Flags.SUB && compare(cc >> 1, not, taken) || kind > Flags.RAW && result(cc >> 1, not, taken) || kind == Flags.RAW && raw(cc >> 1, not, taken)) {
            return;
        }
        state();
        c.constant(cc);
        c.flags("test", STATE + "I)Z");
        c.b.ifne(taken);
    }

    private boolean compare(int what, boolean not, Label taken) {
        if (what == 0 || what == 4 || what == 5) {
            return false;
        }
        boolean unsigned = what == 1 || what == 3;
        c.load(Code.FA);
        if (size < 8) {
            c.b.l2i();
        }
        c.load(Code.FB);
        if (size < 8) {
            c.b.l2i();
            if (unsigned) {
                c.integers("compareUnsigned", "(II)I");
            }
        } else if (unsigned) {
            c.longs("compareUnsigned", "(JJ)I");
        } else {
            c.b.lcmp();
        }
        boolean plain = size < 8 && !unsigned;
        switch (what) {
            case 2 -> {
                if (plain) {
                    if (not) { c.b.if_icmpne(taken); } else { c.b.if_icmpeq(taken); }
                } else if (not) { c.b.ifne(taken); } else { c.b.ifeq(taken); }
            }
            case 1, 6 -> {
                if (plain) {
                    if (not) { c.b.if_icmpge(taken); } else { c.b.if_icmplt(taken); }
                } else if (not) { c.b.ifge(taken); } else { c.b.iflt(taken); }
            }
            default -> {
                if (plain) {
                    if (not) { c.b.if_icmpgt(taken); } else { c.b.if_icmple(taken); }
                } else if (not) { c.b.ifgt(taken); } else { c.b.ifle(taken); }
            }
        }
        return true;
    }

    /** Conditions that the result alone decides. */
    private boolean result(int what, boolean not, Label taken) {
        boolean logic = kind == Flags.LOGIC;
        if (logic && what <= 1) {
            if (not) {
                c.b.goto_(taken);
            }
            return true;
        }
        if (what == 2 || logic && what == 3) {
            sign();
            if (not) { c.b.ifne(taken); } else { c.b.ifeq(taken); }
        } else if (what == 4 || logic && what == 6) {
            sign();
            if (not) { c.b.ifge(taken); } else { c.b.iflt(taken); }
        } else if (logic && what == 7) {
            sign();
            if (not) { c.b.ifgt(taken); } else { c.b.ifle(taken); }
        } else {
            return false;
        }
        return true;
    }

    private void sign() {
        c.load(Code.FR);
        c.b.lconst_0().lcmp();
    }

    private boolean raw(int what, boolean not, Label taken) {
        long mask = switch (what) {
            case 0 -> Flags.OF;
            case 1 -> Flags.CF;
            case 2 -> Flags.ZF;
            case 3 -> Flags.ZF | Flags.CF;
            case 4 -> Flags.SF;
            case 5 -> Flags.PF;
            default -> 0;
        };
        if (mask == 0) {
            return false;
        }
        c.load(Code.FR);
        c.constant(mask);
        c.b.land().lconst_0().lcmp();
        if (not) { c.b.ifeq(taken); } else { c.b.ifne(taken); }
        return true;
    }

    /** Pushes 0 or 1 as a long. */
    void condition(int cc) {
        Label yes = c.label(), end = c.label();
        branch(cc, yes);
        c.b.lconst_0().goto_(end);
        c.at(yes);
        c.b.lconst_1();
        c.at(end);
    }

    /** New RAW flags from the old ones and what a helper of {@link PartialFlags} takes beside them; its other arguments are pushed by {@code more}. */
    void change(String helper, String more, Runnable push) {
        state();
        push.run();
        c.partial(helper, STATE + more + ")J");
        raw();
    }
}
