package xen.toolstack.debian;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** One package's control fields (deb822); continuation lines are dropped, nothing here reads them. */
record Stanza(Map<String, String> fields) {
    /** The first stanza of the text; no fields when there is none. */
    static Stanza parse(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            int colon = line.indexOf(':');
            if (line.isBlank() && !fields.isEmpty()) {
                break;
            }
            if (colon > 0 && !Character.isWhitespace(line.charAt(0))) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return new Stanza(fields);
    }

    boolean isEmpty() { return fields.isEmpty(); }

    String version() { return fields.getOrDefault("Version", ""); }

    String name() { return fields.getOrDefault("Package", ""); }

    long size() { return Long.parseLong(fields.getOrDefault("Size", "0")); }

    /** The kernel package that a meta package stands for. */
    Optional<String> dependencyStartingWith(String prefix) {
        for (String d : fields.getOrDefault("Depends", "").split(",")) {
            String name = d.strip().split("[ (:|]", 2)[0];
            if (name.startsWith(prefix)) {
                return Optional.of(name);
            }
        }
        return Optional.empty();
    }
}
