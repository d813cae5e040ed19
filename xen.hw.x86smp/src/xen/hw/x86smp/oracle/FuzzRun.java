package xen.hw.x86smp.oracle;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A long differential run with a readable report: what {@code ./xen fuzz cpu} does. Each kind of
 * mismatch is reported once, made small, and saved as a reproducer if a folder is given.
 */
final class FuzzRun {
    /** So many mismatches are made small before they are counted. */
    private static final int SHORTENED = 300;
    /** So often shapes are tried that silicon finds undefined. */
    private static final int RETRIES = 6;

    private final Subject subject;
    private final PrintStream out;
    private final Path save;
    private final boolean coverage;
    private final Listing listing = new Listing();
    private final Map<String, Integer> kinds = new HashMap<>();
    private long mismatches;

    /**
     * @param save folder for reproducers, or null
     * @param coverage the run ends with a report of what it compared
     */
    FuzzRun(Subject subject, PrintStream out, Path save, boolean coverage) {
        this.coverage = coverage;
        this.subject = subject;
        this.out = out;
        this.save = save;
    }

    /** @return number of mismatches */
    long run(long seed, boolean compat, double seconds, Predicate<Shape> only) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        RowCoverage rows = coverage ? new RowCoverage(compat) : null;
        try (Differential d = new Differential(subject, seed, compat, only)) {
            if (coverage) {
                d.watch(rows::count);
            }
            d.sweep(1, () -> System.nanoTime() < end, m -> report(d, m));
            d.retry(RETRIES, () -> System.nanoTime() < end, m -> report(d, m));
            d.random(() -> System.nanoTime() < end, m -> report(d, m));
            out.printf("%d cases, %d mismatches of %d kinds (seed %d, %d-bit)%n", d.executed(), mismatches,
                    kinds.size(), seed, compat ? 32 : 64);
        }
        kinds.entrySet().stream().sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .forEach(e -> out.printf("%8d  %s%n", e.getValue(), e.getKey()));
        if (coverage) {
            rows.report(out, only);
        }
        return mismatches;
    }

    private void report(Differential d, Mismatch m) {
        mismatches++;
        try {
            // sequences tell what they are about only when they are short
            boolean sequence = m.insns().size() > 1;
            Mismatch small = sequence && mismatches <= SHORTENED ? Minimiser.minimise(d, m) : m;
            String kind = kind(small);
            if (kinds.merge(kind, 1, Integer::sum) == 1) {
                show(kind, sequence ? small : Minimiser.minimise(d, m));
            }
        } catch (IOException e) {
            out.println(m.title() + " was not made small: " + e.getMessage());
        }
    }

    private void show(String kind, Mismatch m) throws IOException {
        String code = listing.text(m.test().code(), m.test().start().rip, m.test().compat());
        String text = m.reproducer(code).format();
        out.printf("--- %s%n%s%n", kind, text);
        if (save != null) {
            Files.createDirectories(save);
            Files.writeString(save.resolve(kind.replaceAll("[^a-z0-9.]+", "_") + ".txt"), text);
        }
    }

    /** Groups by instruction, undefined ones by opcode, and by what differs first. */
    private String kind(Mismatch m) {
        String name = m.insns().size() > 1 ? "sequence .. " + listing.last(m.test()) : listing.mnemonic(m.test());
        return (name.equals("ud") ? "ud " + opcode(m.shape()) : name) + " " + m.what();
    }

    /** A shape's name without prefixes and form. */
    private static String opcode(String shape) {
        return shape.replaceFirst("^(f[23])?(66)?(w\\.)?", "").replaceFirst("[rm]?( compat)?$", "");
    }
}
