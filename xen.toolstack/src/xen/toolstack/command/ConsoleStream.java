package xen.toolstack.command;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Pattern;

/**
 * Console output on its way from the timeline to a stream that may be slow: {@link #accept} queues and looks for the awaited line, a
 * thread of its own writes. What comes after the match is dropped, so that the output ends there in every run.
 */
final class ConsoleStream implements AutoCloseable {
    private static final byte[] END = {};

    private final PrintStream out;
    private final LineMatcher until;
    private final Runnable onMatch;
    private final LinkedBlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
    private final Thread writer;

    /** @param onMatch called once, on the timeline */
    ConsoleStream(PrintStream out, Pattern until, Runnable onMatch) {
        this.out = out;
        this.until = until == null ? null : new LineMatcher(until);
        this.onMatch = onMatch;
        writer = Thread.ofPlatform().daemon().name("console-out").start(this::write);
    }

    /** On the timeline. */
    void accept(byte[] text) {
        if (until != null && until.matched()) {
            return;
        }
        int end = until == null ? -1 : until.find(text);
        if (end >= 0) {
            queue.add(Arrays.copyOf(text, end));
            onMatch.run();
            return;
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
