package xen.toolstack.save;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Lines {@code key=value} that {@code head} shows. What is missing or no number is an IllegalArgumentException that names the key. */
final class Words {
    private final Map<String, String> words = new TreeMap<>();

    Words() {}

    Words(byte[] text) {
        new String(text, StandardCharsets.UTF_8).lines().forEach(l -> {
            int eq = l.indexOf('=');
            if (eq > 0) {
                words.put(l.substring(0, eq), unescaped(l.substring(eq + 1)));
            }
        });
    }

    private static String unescaped(String v) { return v.replace("\\\\", "\0").replace("\\n", "\n").replace("\\r", "\r").replace('\0', '\\'); }

    Words put(String key, Object value) {
        words.put(key, value == null ? "" : value.toString());
        return this;
    }

    byte[] bytes() {
        StringBuilder text = new StringBuilder();
        words.forEach((k, v) -> text.append(k).append('=').append(v.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    String word(String key) {
        String v = words.get(key);
        if (v == null) {
            throw new IllegalArgumentException("there is no " + key);
        }
        return v;
    }

    /** @param n how many there must be; below 0 any number */
    long[] numbers(String key, int n) {
        String[] parts = word(key).isEmpty() ? new String[0] : word(key).split(" ");
        long[] v = new long[parts.length];
        for (int i = 0; i < parts.length; i++) {
            if (!parts[i].matches("[0-9]{1,18}")) {
                throw new IllegalArgumentException(key + " is '" + word(key) + "'");
            }
            v[i] = Long.parseLong(parts[i]);
        }
        if (n >= 0 && v.length != n) {
            throw new IllegalArgumentException(key + " is '" + word(key) + "'");
        }
        return v;
    }

    int[] smallNumbers(String key, int n) {
        long[] v = numbers(key, n);
        int[] small = new int[v.length];
        for (int i = 0; i < v.length; i++) {
            if (v[i] > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(key + " is '" + word(key) + "'");
            }
            small[i] = (int) v[i];
        }
        return small;
    }
}
