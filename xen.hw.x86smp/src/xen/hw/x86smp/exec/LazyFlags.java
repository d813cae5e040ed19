package xen.hw.x86smp.exec;

import xen.hw.x86smp.rules.Flags;
import xen.kernel.api.hw.MachineMemory;

/**
 * Arithmetic flags, computed only when somebody looks: the last flag writer leaves its kind, result and operands. DF, TF, NT, AC, ID and
 * the fixed bits live in {@link #other} at once.
 */
public abstract class LazyFlags extends GuestAccess {
    public static final int CF = Flags.CF, PF = Flags.PF, AF = Flags.AF, ZF = Flags.ZF, SF = Flags.SF, TF = 256, DF = 1 << 10, OF = Flags.OF, NT = 1 << 14, RF = 1 << 16, AC = 1 << 18,
            ID = 1 << 21;
    public static final int ARITHMETIC = CF | PF | AF | ZF | SF | OF;
    /** Kind 0: {@link #fr} holds the arithmetic flags as they are. */
    public static final int RAW = Flags.RAW;

    public int fk;
    public long fr, fa, fb;
    /** All of RFLAGS but the arithmetic flags. */
    public long other;

    protected LazyFlags(MachineMemory memory, CodeCache code, boolean concurrent) { super(memory, code, concurrent); }

    /** Whole RFLAGS. */
    public final long flags() { return other | arithmetic(); }

    public final void flags(long v) {
        other = v & ~ARITHMETIC;
        fk = RAW;
        fr = v & ARITHMETIC;
    }

    /** Arithmetic flags, exact. */
    public final long arithmetic() { return Flags.arithmetic(fk, fr, fa, fb); }

    /** TF is set: an instruction that repeats itself traps after each part that is done. */
    public final boolean stepping() { return (other & TF) != 0; }

    /** What to throw for that trap: #DB, and the instruction is still the next one. */
    public abstract GuestException stepped();
}
