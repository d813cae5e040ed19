package xen.toolstack.command;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Looks for the first console line that matches, in text that comes in pieces. The last line counts without its end: a prompt has none. */
final class LineMatcher {
    private static final int LONGEST_LINE = 1 << 16;

    private final Pattern pattern;
    private final StringBuilder line = new StringBuilder();
    private boolean matched;

    LineMatcher(Pattern pattern) { this.pattern = pattern; }

    boolean matched() { return matched; }

    /** @return how much of {@code text} there is up to the match's end, or -1 when there is none in it */
    int find(byte[] text) {
        for (int i = 0; i < text.length && !matched; i++) {
            char c = (char) (text[i] & 0xff);
            boolean end = c == '\n' || i == text.length - 1;
            if (c == '\n') {
                // tested below, then begun anew
            } else if (c != '\r' && line.length() < LONGEST_LINE) {
                line.append(c);
            }
            if (end && pattern.matcher(new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)).find()) {
                matched = true;
                return i + 1;
            }
            if (c == '\n') {
                line.setLength(0);
            }
        }
        return -1;
    }
}
