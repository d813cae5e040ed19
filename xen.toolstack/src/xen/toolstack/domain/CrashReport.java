package xen.toolstack.domain;

import java.util.regex.Pattern;
import xen.toolstack.image.SymbolTable;

/** Adds the guest kernel's names to the addresses in a crash report. */
final class CrashReport {
    private static final Pattern ADDRESS = Pattern.compile("\\b(?:0x)?(ffffffff[0-9a-f]{8})\\b");

    private CrashReport() {}

    static String withNames(String report, SymbolTable symbols) {
        if (symbols.isEmpty()) {
            return report;
        }
        return ADDRESS.matcher(report).replaceAll(m -> java.util.regex.Matcher.quoteReplacement(
                m.group() + symbols.name(Long.parseUnsignedLong(m.group(1), 16)).map(n -> " <" + n + ">").orElse("")));
    }
}
