package xen.cpu.nativecode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the host's CPU can do, by the names of the instruction table's features; a guest instruction it lacks stays in tier 0. */
final class HostFeatures {
    private static final Map<String, String> NAMES = Map.of("sse3", "pni", "sse4.1", "sse4_1", "sse4.2", "sse4_2", "lzcnt", "abm", "abm", "abm",
            "pclmulqdq", "pclmulqdq", "sha", "sha_ni", "cmov", "cmov", "cx8", "cx8", "cx16", "cx16");

    private final Set<String> flags;

    HostFeatures(Set<String> flags) { this.flags = flags; }

    /** Reads {@code /proc/cpuinfo}; empty where there is none. */
    static HostFeatures read() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return new HostFeatures(lines.filter(l -> l.startsWith("flags")).findFirst()
                    .map(l -> Arrays.stream(l.substring(l.indexOf(':') + 1).trim().split(" ")).collect(Collectors.toSet())).orElse(Set.of()));
        } catch (IOException e) {
            return new HostFeatures(Set.of());
        }
    }

    /** {@code feature} as in the table, "" = base. */
    boolean has(String feature) {
        String f = feature.toLowerCase(Locale.ROOT);
        return f.isEmpty() || flags.contains(NAMES.getOrDefault(f, f));
    }

    /** The same for the same features. */
    long key() { return new TreeSet<>(flags).toString().hashCode(); }

    /** CMPXCHG16B. */
    boolean exchanges16() { return flags.contains("cx16"); }

    /** What every emitted block relies on. */
    boolean usable() { return flags.contains("lahf_lm") && flags.contains("sse2"); }
}
