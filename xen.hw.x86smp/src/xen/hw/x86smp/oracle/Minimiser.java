package xen.hw.x86smp.oracle;

import java.io.IOException;
import java.util.Arrays;

/**
 * Makes a mismatch small enough to read: shortest prefix of the code, then every input that does
 * not matter back to its default. Each step is kept only if engine and silicon still differ in the same thing.
 */
final class Minimiser {
    private final Differential tester;
    private Mismatch best;

    private Minimiser(Differential tester, Mismatch start) {
        this.tester = tester;
        best = start;
    }

    static Mismatch minimise(Differential tester, Mismatch m) throws IOException {
        Minimiser it = new Minimiser(tester, m);
        if (m.insns().size() > 1) {
            it.shorten();
        }
        it.clearRegisters();
        it.clearData();
        return it.best;
    }

    private boolean attempt(CpuCase c) throws IOException {
        Mismatch m = tester.retry(best, c);
        boolean same = m != null && m.what().equals(best.what());
        if (same) {
            best = m;
        }
        return same;
    }

    /** The shortest prefix that still differs: its last instruction is the one to look at. */
    private void shorten() throws IOException {
        byte[] code = best.test().code();
        for (int length : best.cuts()) {
            CpuCase c = best.test();
            if (attempt(new CpuCase(Arrays.copyOf(code, length), c.compat(), c.start(), c.data()))) {
                return;
            }
        }
    }

    private void clearRegisters() throws IOException {
        CpuState clean = new CpuState();
        for (String name : Fields.names()) {
            CpuCase c = best.test();
            if (name.equals("rip") || Fields.get(clean, name).equals(Fields.get(c.start(), name))) {
                continue;
            }
            CpuState s = new CpuState();
            s.copyFrom(c.start());
            Fields.set(s, name, Fields.get(clean, name));
            attempt(new CpuCase(c.code(), c.compat(), s, c.data()));
        }
    }

    /** Halves of the data, then quarters, down to lines of a reproducer. */
    private void clearData() throws IOException {
        for (int size = Sandbox.DATA_SIZE; size >= 32; size /= 2) {
            for (int at = 0; at < Sandbox.DATA_SIZE; at += size) {
                CpuCase c = best.test();
                byte[] data = c.data().clone();
                Arrays.fill(data, at, at + size, (byte) 0);
                if (!Arrays.equals(data, c.data())) {
                    attempt(new CpuCase(c.code(), c.compat(), c.start(), data));
                }
            }
        }
    }
}
