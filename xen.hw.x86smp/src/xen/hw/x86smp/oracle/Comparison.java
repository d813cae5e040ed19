package xen.hw.x86smp.oracle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/** Compares two outcomes of a case in everything that is defined. Stateless. */
final class Comparison {
    private static final long TF_NT_IOPL = 0x100 | 0x4000 | 0x3000;
    private static final long FLAGS = CpuState.STATUS | CpuState.DF | CpuState.AC | CpuState.ID | TF_NT_IOPL;
    /** Transcendentals may be off by up to three units. */
    private static final int ULP_BITS = 2;
    /** C0 to C3 of FSW: undefined after most x87 instructions, so not compared after sequences. */
    private static final int CONDITIONS = 0x4700;
    /** The last page of the lower half is not a process's. */
    private static final long USER_END = 0x7FFF_FFFF_F000L;
    private static final String[] NAMES = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"};

    private Comparison() {
    }

    /**
     * What is defined after a case.
     *
     * @param flags of RFLAGS
     * @param fsw of the x87 status word
     * @param inexact x87 results may differ in the last places
     * @param anyAddress a #PF may be any of several
     */
    record Defined(long flags, int fsw, boolean inexact, boolean anyAddress) {
        /** Everything. */
        static final Defined ALL = new Defined(FLAGS, 0xFFFF, false, false);

        static Defined after(CpuCase c, List<RawInsn> insns, Outcome expected, boolean strict) {
            int string = Latitude.faultingString(c, expected);
            boolean twoOperands = string >= 0xA4 && string <= 0xA7;
            long flags = string == 0xA6 || string == 0xA7 || string >= 0xAE ? FLAGS & ~CpuState.STATUS : FLAGS;
            if (insns.size() != 1) {
                return new Defined(flags, 0xFFFF & ~CONDITIONS, false, twoOperands);
            }
            RawInsn i = insns.getFirst();
            flags &= ~Latitude.flags(i, expected);
            // it completed, even if what follows it faulted
            if (expected.state.rip != c.start().rip && !strict) {
                flags &= ~Undefined.flags(i, (int) c.start().gpr[CpuState.RCX] & 0xFF);
            }
            return new Defined(flags, Latitude.fsw(i, expected), Undefined.inexact(i), twoOperands || Latitude.anyAddress(i));
        }
    }

    /** Differences as lines "what: expected ..., got ..."; empty when they agree. {@code strict}: undefined flags count. */
    static List<String> differences(CpuCase c, List<RawInsn> insns, Outcome expected, Outcome got, boolean strict) {
        if (got.vector == Outcome.TIMEOUT && insns.size() > 1) {
            // a loop whose counter is overwritten in each round
            return List.of();
        }
        if (got.vector == 14 && (got.cr2 & -4096L) == Sandbox.EXITS) {
            // silicon has its exits there, where a guest has nothing
            return List.of();
        }
        if (insns.size() == 1 && Latitude.incomparable(insns.getFirst(), c, expected)) {
            return List.of();
        }
        LongPredicate ignored = a -> insns.stream().anyMatch(i -> Undefined.memory(i, a - i.address));
        return differences(c.compat(), Defined.after(c, insns, expected, strict), ignored, expected, got);
    }

    /** @param ignored tells of an address whether its byte is undefined */
    static List<String> differences(boolean compat, Defined defined, LongPredicate ignored, Outcome expected, Outcome got) {
        List<String> d = new ArrayList<>(0);
        if (!sameEnd(defined, expected, got)) {
            d.add("end: expected %s, got %s".formatted(expected.describe(), got.describe()));
        }
        if (expected.vector == Outcome.TIMEOUT || expected.vector == Outcome.SYSCALL) {
            return d;
        }
        registers(compat, expected.state, got.state, d);
        long flags = defined.flags;
        if (((expected.state.rflags ^ got.state.rflags) & flags) != 0) {
            d.add("rflags: expected %s, got %s".formatted(flags(expected.state.rflags & flags), flags(got.state.rflags & flags)));
        }
        fx(expected.state, got.state, defined, d);
        memory(ignored, expected.data, got.data, d);
        return d;
    }

    private static boolean sameEnd(Defined defined, Outcome e, Outcome g) {
        if (e.vector < 0) {
            return e.vector == g.vector;
        }
        if (e.state.rip != g.state.rip) {
            return false;
        }
        if (e.vector == 13 && g.vector == 14 && g.cr2 < 0) {
            // FS or GS make a canonical kernel address of an offset that is not: #GP on AMD
            return true;
        }
        if (e.vector + g.vector == 12 + 13) {
            // the operand and the stack are both out of bounds: either may be met first
            return defined.anyAddress || e.state.gpr[CpuState.RSP] << 16 >> 16 != e.state.gpr[CpuState.RSP];
        }
        return e.vector == g.vector && (defined.anyAddress || e.cr2 == g.cr2 && error(e) == error(g));
    }

    /** Linux hides whether an address that is not the user's is mapped: the present bit there is always set. */
    private static long error(Outcome o) {
        boolean kernel = Long.compareUnsigned(o.cr2, USER_END) >= 0;
        return o.vector == 14 && kernel ? o.error | 1 : o.error;
    }

    private static void registers(boolean compat, CpuState e, CpuState g, List<String> d) {
        long mask = compat ? 0xFFFF_FFFFL : -1;
        for (int r = 0; r < (compat ? 8 : 16); r++) {
            if (((e.gpr[r] ^ g.gpr[r]) & mask) != 0) {
                d.add("%s: expected %016x, got %016x".formatted(register(r), e.gpr[r] & mask, g.gpr[r] & mask));
            }
        }
    }

    static String register(int r) {
        return r < 8 ? NAMES[r] : "r" + r;
    }

    private static String flags(long f) {
        String names = "CPAZSTDONci";
        long[] bits = {1, 4, 0x10, 0x40, 0x80, 0x100, 0x400, 0x800, 0x4000, CpuState.AC, CpuState.ID};
        StringBuilder s = new StringBuilder("%x ".formatted(f));
        for (int i = 0; i < bits.length; i++) {
            s.append((f & bits[i]) != 0 ? names.charAt(i) : '-');
        }
        return s.toString();
    }

    private static void fx(CpuState expected, CpuState got, Defined defined, List<String> d) {
        byte[] e = expected.fx, g = got.fx;
        field("fcw", e, g, CpuState.FCW, 2, d);
        // an inexact result may be exact by chance, and rounded the other way
        int fsw = defined.fsw & (defined.inexact ? ~0x220 : -1);
        if (((expected.get16(CpuState.FSW) ^ got.get16(CpuState.FSW)) & fsw) != 0) {
            field("fsw", e, g, CpuState.FSW, 2, d);
        }
        field("ftw", e, g, CpuState.FTW, 1, d);
        field("mxcsr", e, g, CpuState.MXCSR, 4, d);
        for (int i = 0; i < 8; i++) {
            if (!defined.inexact || !close(e, g, CpuState.ST0 + 16 * i)) {
                field("st" + i, e, g, CpuState.ST0 + 16 * i, 10, d);
            }
        }
        for (int i = 0; i < 16; i++) {
            field("xmm" + i, e, g, CpuState.XMM0 + 16 * i, 16, d);
            field("ymmh" + i, e, g, CpuState.YMM_HIGH0 + 16 * i, 16, d);
        }
    }

    /** Same sign and within a few units in the last place. */
    private static boolean close(byte[] e, byte[] g, int at) {
        if (((e[at + 9] ^ g[at + 9]) & 0x80) != 0) {
            return false;
        }
        BigInteger distance = magnitude(e, at).subtract(magnitude(g, at)).abs();
        return distance.bitLength() <= ULP_BITS;
    }

    /** Exponent and fraction as one number: neighbours differ by one. */
    private static BigInteger magnitude(byte[] b, int at) {
        byte[] big = new byte[10];
        for (int i = 0; i < 10; i++) {
            big[9 - i] = b[at + i];
        }
        // without the integer bit, so that the step to the next exponent is one too
        BigInteger v = new BigInteger(1, big).clearBit(79);
        return v.shiftRight(64).shiftLeft(63).or(v.clearBit(63).mod(BigInteger.ONE.shiftLeft(63)));
    }

    private static void field(String name, byte[] e, byte[] g, int at, int length, List<String> d) {
        if (!java.util.Arrays.equals(e, at, at + length, g, at, at + length)) {
            d.add("%s: expected %s, got %s".formatted(name, number(e, at, length), number(g, at, length)));
        }
    }

    private static String number(byte[] b, int at, int length) {
        StringBuilder s = new StringBuilder();
        for (int i = length - 1; i >= 0; i--) {
            s.append("%02x".formatted(b[at + i]));
        }
        return s.toString();
    }

    private static void memory(LongPredicate ignored, byte[] e, byte[] g, List<String> d) {
        int from = 0;
        while (true) {
            int at = java.util.Arrays.mismatch(e, from, e.length, g, from, g.length);
            if (at < 0) {
                return;
            }
            at += from;
            if (!ignored.test(Sandbox.DATA + at)) {
                int length = Math.min(16, e.length - at);
                d.add("[%x]: expected %s, got %s (from the highest byte)".formatted(Sandbox.DATA + at,
                        number(e, at, length), number(g, at, length)));
                return;
            }
            from = at + 1;
        }
    }
}
