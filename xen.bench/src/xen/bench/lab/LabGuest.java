package xen.bench.lab;

import java.nio.charset.StandardCharsets;
import xen.toolstack.api.ManagedDomain;

/** One guest of an experiment with real kernels, and what it printed. Its text comes and is read on the timeline's thread and on others. */
final class LabGuest {
    /** Characters of the end that a report shows. */
    private static final int LAST = 300;

    final ManagedDomain domain;
    private final StringBuilder text = new StringBuilder();
    /** Machine time at which it printed last. */
    private long heardAt;

    LabGuest(ManagedDomain domain) { this.domain = domain; }

    synchronized void heard(byte[] b, long now) {
        text.append(new String(b, StandardCharsets.ISO_8859_1));
        heardAt = now;
    }

    synchronized long heardAt() { return heardAt; }

    /** The last line that begins so, or null. */
    synchronized String line(String begin) {
        int at = text.lastIndexOf(begin);
        int end = at < 0 ? -1 : text.indexOf("\n", at);
        return end < 0 ? null : text.substring(at, end).strip();
    }

    /** Forgets what it printed, and types a line. */
    void type(String line) {
        synchronized (this) {
            text.setLength(0);
        }
        domain.input((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    synchronized String last() { return text.substring(Math.max(0, text.length() - LAST)); }
}
