package xen.bench.lab;

import java.io.PrintStream;

/** A progress bar on a terminal; silent elsewhere. */
final class Progress {
    private static final int WIDTH = 30;

    private final PrintStream out;
    private final boolean visible;

    Progress(PrintStream out, boolean visible) {
        this.out = out;
        this.visible = visible;
    }

    void show(int done, int all, String what) {
        if (visible) {
            int n = WIDTH * done / Math.max(1, all);
            out.print("\r[" + "#".repeat(n) + ".".repeat(WIDTH - n) + "] " + done + "/" + all + " " + what + "\u001b[K");
            out.flush();
        }
    }

    void clear() {
        if (visible) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }
}
