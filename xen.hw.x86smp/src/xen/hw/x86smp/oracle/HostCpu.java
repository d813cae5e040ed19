package xen.hw.x86smp.oracle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What {@code /proc/cpuinfo} says of the host's CPU: is it one whose answers the model is meant to give? */
final class HostCpu {
    /** Features the machine announces and the generator uses, in Linux's names. */
    private static final List<String> NEEDED = List.of("cmov", "cx16", "fxsr", "mmx", "sse2", "pni", "ssse3", "sse4_1", "sse4_2",
            "popcnt", "abm", "bmi1", "bmi2", "adx", "movbe", "aes", "pclmulqdq", "sha_ni", "fsgsbase", "avx2", "fma", "f16c");
    private static final String VENDOR = "AuthenticAMD";

    /** The host has YMM registers and the machine's AVX2. */
    static final boolean AVX = flags().contains("avx2");

    private HostCpu() {
    }

    private static Set<String> flags() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(l -> l.startsWith("flags")).findFirst()
                    .map(l -> Set.of(l.substring(l.indexOf(':') + 1).trim().split(" +"))).orElse(Set.of());
        } catch (IOException e) {
            return Set.of();
        }
    }

    /** Why a difference may be the host's fault, or null. */
    static String limits() {
        Set<String> flags = new HashSet<>();
        String vendor = "";
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                String value = line.substring(line.indexOf(':') + 1).trim();
                if (line.startsWith("vendor_id")) {
                    vendor = value;
                } else if (line.startsWith("flags")) {
                    flags.addAll(List.of(value.split(" ")));
                }
            }
        } catch (IOException e) {
            return "/proc/cpuinfo cannot be read";
        }
        List<String> missing = NEEDED.stream().filter(f -> !flags.contains(f)).toList();
        if (!missing.isEmpty()) {
            return "the host's CPU lacks " + String.join(", ", missing);
        }
        return vendor.equals(VENDOR) ? null : "corner cases that the manuals leave open are modelled after " + VENDOR + ", the host is " + vendor;
    }
}
