package xen.kernel.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The hypervisor's message buffer: what guests print by console_io and what the core reports, one line an entry, the oldest dropped
 * when the buffer is full. A guest's text is cleaned of control characters and cut into lines, so that it cannot pass for another's.
 */
public final class CoreLog {
    private static final int MAX_CHARS = 1 << 17, MAX_LINE = 1024;

    private final Core core;
    private final Deque<String> lines = new ArrayDeque<>();
    private int chars;

    CoreLog(Core core) { this.core = core; }

    /** The core's own message. */
    public void say(String text) { text.lines().forEach(l -> add("(XEN) " + l)); }

    /** Output of a guest; listeners get it unchanged on the timeline. Under the core's lock. */
    public void guest(DomainImpl d, byte[] text) {
        StringBuilder line = d.consoleLine;
        for (char ch : new String(text, StandardCharsets.ISO_8859_1).toCharArray()) {
            if (ch == '\n' || line.length() == MAX_LINE) {
                add("(" + d + ") " + line);
                line.setLength(0);
            }
            if (ch >= ' ' && ch != 0x7f || ch == '\t') {
                line.append(ch);
            }
        }
        if (!core.listeners.isEmpty()) {
            core.timeline.post(() -> core.listeners.forEach(l -> l.consoleIo(d, text)));
        }
    }

    private synchronized void add(String line) {
        lines.add(line);
        chars += line.length() + 1;
        while (chars > MAX_CHARS) {
            chars -= lines.remove().length() + 1;
        }
    }

    /** Everything kept, newest last. */
    public synchronized String text() { return lines.isEmpty() ? "" : String.join("\n", lines) + "\n"; }
}
