package xen.hw.x86smp.fpu;

import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * MXCSR's rules, common to all SSE floating-point: rounding mode, DAZ, FTZ, which exceptions become sticky flags and which fault.
 *
 * <p>Use: {@link #begin}, any number of element operations of the subclasses, {@link #end}: only when that returns true may results be
 * written (else #XM). One instance a CPU.
 */
abstract class SseControl {
    static final int PRE = SoftFloat.IE | SoftFloat.DE | SoftFloat.ZE;
    /** Round to nearest, PE masked and already set: what host arithmetic is good for. */
    static final int QUIET = 0x6000 | SoftFloat.PE << 7 | SoftFloat.PE, QUIET_RN = SoftFloat.PE << 7 | SoftFloat.PE;
    static final int DAZ = 0x40, FTZ = 0x8000, RC = 0x6000;
    static final long EXP64 = 0x7ff0_0000_0000_0000L, QUIET64 = 1L << 51;
    static final int EXP32 = 0x7f80_0000, QUIET32 = 1 << 22, DEFAULT32 = 0xffc0_0000;

    final SoftFloat f = new SoftFloat();
    final Num a = new Num(), b = new Num(), c = new Num();
    int mxcsr;
    int raised;
    /** Flags of the steps before, see {@link #step}; and of a step that faulted, -1 = none did. */
    int earlier, frozen;
    /** Steps ended so far, and what each raised, six bits a step from bit 0 on; nothing behind one that faulted. */
    int steps, byStep;

    void begin(long regs) {
        mxcsr = Raw.get32(regs + VcpuContext.MXCSR);
        raised = 0;
        earlier = 0;
        steps = 0;
        byStep = 0;
        frozen = -1;
    }

    /** Makes the flags sticky; false: an unmasked exception, results must not be written. */
    boolean end(long regs) {
        if (frozen >= 0) {
            raised = frozen;
        } else if (steps != 0) {
            byStep |= raised << 6 * steps;
        }
        if (((raised | earlier) & ~(mxcsr & mxcsr >>> 7)) == 0) {
            return true;
        }
        int unmasked = raised & ~(mxcsr >>> 7);
        // An unmasked fault found before the computation hides what the computation would have raised.
        int set = (unmasked & PRE) != 0 ? raised & PRE : raised;
        Raw.put32(regs + VcpuContext.MXCSR, mxcsr | set | earlier);
        return unmasked == 0;
    }

    /** Between two dependent steps of one instruction: a fault so far keeps later ones from being looked at. */
    void step() {
        if (frozen < 0) {
            byStep |= raised << 6 * steps++;
            if ((raised & ~(mxcsr >>> 7)) != 0) {
                frozen = raised;
            } else {
                earlier |= raised;
                raised = 0;
            }
        }
    }

    boolean daz() { return (mxcsr & DAZ) != 0; }
    boolean flush() { return (mxcsr & (FTZ | SoftFloat.UE << 7)) == (FTZ | SoftFloat.UE << 7); }

    void start(int rc) { f.begin(rc); }
    int rc() { return mxcsr >>> 13 & 3; }

    /** Where overflow and underflow are unmasked, precision is judged as if the exponent had no bounds. */
    int unmasked() { return ~(mxcsr >>> 7) & (SoftFloat.OE | SoftFloat.UE); }

    void done() {
        raised |= f.flags;
    }

    void load64(Num n, long v) {
        n.unpack64(v);
        if (n.kind == Num.DENORMAL && daz()) {
            n.set(Num.ZERO, n.sign);
        }
    }

    void load32(Num n, int v) {
        n.unpack32(v);
        if (n.kind == Num.DENORMAL && daz()) {
            n.set(Num.ZERO, n.sign);
        }
    }

    /** Whether host arithmetic's result {@code z} of {@code x} and {@code y} is what SSE gives, and raises nothing new: round to nearest, PE
     *  masked and set, no denormal operand, a result well inside the normal range. */
    static boolean quick(int mxcsr, long x, long y, long z) {
        return (mxcsr & QUIET) == QUIET_RN && (z & EXP64) > 0x0010_0000_0000_0000L && (z & EXP64) < EXP64
                && ((x & EXP64) != 0 || x << 1 == 0) && ((y & EXP64) != 0 || y << 1 == 0);
    }

    static boolean isNan(long v) { return (v & Long.MAX_VALUE) > EXP64; }
    static boolean isNan(int v) { return (v & Integer.MAX_VALUE) > EXP32; }
    static boolean isSnan(long v) { return isNan(v) && (v & QUIET64) == 0; }
    static boolean isSnan(int v) { return isNan(v) && (v & QUIET32) == 0; }
    static boolean denormal(long v) { return (v & EXP64) == 0 && v << 1 != 0; }
    static boolean denormal(int v) { return (v & EXP32) == 0 && v << 1 != 0; }

    int finish32() {
        if (f.kind == Num.NORMAL) {
            f.round32(unmasked(), flush());
        }
        done();
        return f.pack32();
    }
}
