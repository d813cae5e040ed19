package xen.hw.x86smp.oracle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A bounded differential run with a fixed seed, for tests of the machine and of its engines. */
public final class Agreement {
    private static final int SHOWN = 12;
    /** Cases of one run at most, so that a fast host goes no further than was ever tried. */
    private static final long MOST = 300_000;

    private final Subject subject;
    private final List<Mismatch> mismatches = new ArrayList<>();
    private long executed;

    public Agreement(Subject subject) {
        this.subject = subject;
    }

    /** Why this host cannot be the judge, or null when it can. */
    public static String unavailable() {
        String why = NativeCpu.unavailable();
        return why != null ? why : HostCpu.limits();
    }

    /**
     * @param compat compatibility mode
     * @param step every how-manieth shape is swept
     * @return this
     */
    public Agreement run(long seed, boolean compat, int step, double seconds) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        try (Differential d = new Differential(subject, seed, compat, s -> true)) {
            BooleanSupplier goOn = () -> System.nanoTime() < end && d.executed() < MOST;
            d.sweep(step, goOn, mismatches::add);
            d.random(goOn, mismatches::add);
            executed = d.executed();
        }
        return this;
    }

    /** Replays a saved case, see {@link Reproducer}; returns the differences. */
    public static List<String> replay(Subject subject, String text) {
        Reproducer r = Reproducer.parse(text);
        Outcome got = new Outcome();
        try (EngineCpu cpu = subject.open()) {
            cpu.run(r.test(), got);
        }
        return r.differences(got);
    }

    public long executed() {
        return executed;
    }

    public int mismatches() {
        return mismatches.size();
    }

    /** The first mismatches, with disassembly. */
    public String summary() {
        StringBuilder s = new StringBuilder(mismatches.size() + " mismatches in " + executed + " cases\n");
        Listing listing = new Listing();
        for (Mismatch m : mismatches.subList(0, Math.min(SHOWN, mismatches.size()))) {
            s.append(m.title()).append('\n').append(listing.text(m.test().code(), m.test().start().rip, m.test().compat()));
            m.lines().forEach(l -> s.append("    ").append(l).append('\n'));
        }
        return s.toString();
    }
}
