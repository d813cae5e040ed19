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
    private static final String[] NAMES = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"};

    private Comparison() {
    }

    /** Flags that are defined after a case: {@code insns} is what it is made of. */
    static long definedFlags(CpuCase c, List<RawInsn> insns, Outcome expected) {
        if (expected.vector != Outcome.EXIT || insns.size() != 1) {
            return FLAGS;
        }
        return FLAGS & ~Undefined.flags(insns.getFirst(), (int) c.start().gpr[CpuState.RCX] & 0xFF);
    }

    /** Differences as lines "what: expected ..., got ..."; empty when they agree. */
    static List<String> differences(CpuCase c, List<RawInsn> insns, Outcome expected, Outcome got) {
        LongPredicate ignored = a -> insns.stream().anyMatch(i -> Undefined.memory(i, a - i.address));
        boolean inexact = insns.size() == 1 && Undefined.inexact(insns.getFirst());
        return differences(c.compat(), definedFlags(c, insns, expected), ignored, inexact, expected, got);
    }

    /**
     * @param flags the defined ones
     * @param ignored tells of an address whether its byte is undefined
     * @param inexact x87 results may differ in the last places
     */
    static List<String> differences(boolean compat, long flags, LongPredicate ignored, boolean inexact, Outcome expected, Outcome got) {
        List<String> d = new ArrayList<>(0);
        if (expected.vector != got.vector || expected.vector >= 0 && (expected.cr2 != got.cr2
                || error(expected) != error(got) || expected.state.rip != got.state.rip)) {
            d.add("end: expected %s, got %s".formatted(expected.describe(), got.describe()));
        }
        if (expected.vector == Outcome.TIMEOUT || expected.vector == Outcome.SYSCALL) {
            return d;
        }
        registers(compat, expected.state, got.state, d);
        if (((expected.state.rflags ^ got.state.rflags) & flags) != 0) {
            d.add("rflags: expected %s, got %s".formatted(flags(expected.state.rflags & flags), flags(got.state.rflags & flags)));
        }
        fx(expected.state.fx, got.state.fx, inexact, d);
        memory(ignored, expected.data, got.data, d);
        return d;
    }

    /** Linux hides whether a kernel address is mapped: the present bit there is always set. */
    private static long error(Outcome o) {
        return o.vector == 14 && o.cr2 < 0 ? o.error | 1 : o.error;
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

    private static void fx(byte[] e, byte[] g, boolean inexact, List<String> d) {
        field("fcw", e, g, CpuState.FCW, 2, d);
        if (!inexact || ((e[CpuState.FSW] ^ g[CpuState.FSW]) & ~0x20 | (e[CpuState.FSW + 1] ^ g[CpuState.FSW + 1]) & ~2) != 0) {
            field("fsw", e, g, CpuState.FSW, 2, d);
        }
        field("ftw", e, g, CpuState.FTW, 1, d);
        field("mxcsr", e, g, CpuState.MXCSR, 4, d);
        for (int i = 0; i < 8; i++) {
            if (!inexact || !close(e, g, CpuState.ST0 + 16 * i)) {
                field("st" + i, e, g, CpuState.ST0 + 16 * i, 10, d);
            }
        }
        for (int i = 0; i < 16; i++) {
            field("xmm" + i, e, g, CpuState.XMM0 + 16 * i, 16, d);
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
