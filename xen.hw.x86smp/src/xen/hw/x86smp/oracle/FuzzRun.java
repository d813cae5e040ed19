package xen.hw.x86smp.oracle;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

import xen.kernel.api.hw.Machine;

/**
 * A long differential run with a readable report: what {@code ./xen fuzz cpu} does. Each kind of
 * mismatch is reported once, made small, and saved as a reproducer if a folder is given.
 */
final class FuzzRun {
    private final Machine machine;
    private final PrintStream out;
    private final Path save;
    private final Listing listing = new Listing();
    private final Map<String, Integer> kinds = new HashMap<>();
    private long mismatches;

    /** @param save folder for reproducers, or null */
    FuzzRun(Machine machine, PrintStream out, Path save) {
        this.machine = machine;
        this.out = out;
        this.save = save;
    }

    /** @return number of mismatches */
    long run(long seed, boolean compat, double seconds, Predicate<Shape> only) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        try (Differential d = new Differential(machine, seed, compat, only)) {
            d.sweep(1, () -> System.nanoTime() < end, m -> report(d, m));
            d.random(() -> System.nanoTime() < end, m -> report(d, m));
            out.printf("%d cases, %d mismatches of %d kinds (seed %d, %d-bit)%n", d.executed(), mismatches,
                    kinds.size(), seed, compat ? 32 : 64);
        }
        kinds.entrySet().stream().sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .forEach(e -> out.printf("%8d  %s%n", e.getValue(), e.getKey()));
        return mismatches;
    }

    private void report(Differential d, Mismatch m) {
        mismatches++;
        String kind = kind(m);
        if (kinds.merge(kind, 1, Integer::sum) > 1) {
            return;
        }
        try {
            Mismatch small = Minimiser.minimise(d, m);
            String code = listing.text(small.test().code(), small.test().start().rip, small.test().compat());
            Reproducer r = small.reproducer(code);
            out.printf("--- %s%n%s%n", kind, r.format());
            if (save != null) {
                Files.createDirectories(save);
                Files.writeString(save.resolve(kind.replaceAll("[^a-z0-9.]+", "_") + ".txt"), r.format());
            }
        } catch (IOException e) {
            out.println("--- " + kind + " was not made small: " + e.getMessage());
        }
    }

    /** Groups by instruction, undefined ones by opcode, and by what differs first. */
    private String kind(Mismatch m) {
        String name = m.insns().size() > 1 ? "sequence" : listing.mnemonic(m.test());
        return (name.equals("ud") ? "ud " + opcode(m.shape()) : name) + " " + m.what();
    }

    /** A shape's name without prefixes and form. */
    private static String opcode(String shape) {
        return shape.replaceFirst("^(f[23])?(66)?(w\\.)?", "").replaceFirst("[rm]?( compat)?$", "");
    }
}
