package xen.toolstack.command;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Pattern;

/**
 * Console output on its way from the timeline to a stream that may be slow: {@link #accept} queues and looks for the awaited line, a
 * thread of its own writes. What comes after the match is dropped, so that the output ends there in every run.
 */
final class ConsoleStream implements AutoCloseable {
    private static final byte[] END = {};
    private static final int LONGEST_LINE = 1 << 16;

    private final PrintStream out;
    private final Pattern until;
    private final Runnable onMatch;
    private final LinkedBlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
    private final StringBuilder line = new StringBuilder();
    private final Thread writer;
    private boolean matched;

    /** @param onMatch called once, on the timeline */
    ConsoleStream(PrintStream out, Pattern until, Runnable onMatch) {
        this.out = out;
        this.until = until;
        this.onMatch = onMatch;
        writer = Thread.ofPlatform().daemon().name("console-out").start(this::write);
    }

    /** On the timeline. */
    void accept(byte[] text) {
        if (matched) {
            return;
        }
        if (until == null) {
            queue.add(text);
            return;
        }
        for (int i = 0; i < text.length; i++) {
            char c = (char) (text[i] & 0xff);
            boolean end = c == '\n' || i == text.length - 1;
            if (c == '\n') {
                // tested below, then begun anew
            } else if (c != '\r' && line.length() < LONGEST_LINE) {
                line.append(c);
            }
            // the last line counts without its end: a prompt has none
            if (end && until.matcher(new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)).find()) {
                matched = true;
                queue.add(Arrays.copyOf(text, i + 1));
                onMatch.run();
                return;
            }
            if (c == '\n') {
                line.setLength(0);
            }
        }
        queue.add(text);
    }

    private void write() {
        try {
            for (byte[] text; (text = queue.take()) != END;) {
                out.write(text, 0, text.length);
                if (queue.isEmpty()) {
                    out.flush();
                }
            }
        } catch (InterruptedException e) {
            // closing in a hurry
        }
        out.flush();
    }

    /** Waits until everything is written. */
    @Override public void close() throws InterruptedException {
        queue.add(END);
        writer.join(5000);
    }
}
