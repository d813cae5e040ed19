package xen.toolstack.command;

import java.io.PrintStream;

/** Progress on standard error: one line that is rewritten on a terminal; elsewhere a line a step and no percentages. */
final class Progress implements AutoCloseable {
    private final PrintStream err;
    private final boolean terminal = Terminal.present();
    private String step = "";
    private boolean open;

    Progress(PrintStream err) { this.err = err; }

    /** A step ("fetching x"), or how far it is ("45%"). */
    void show(String text) {
        boolean percent = text.endsWith("%");
        if (!terminal) {
            if (!percent) {
                err.println("xen: " + text);
            }
            return;
        }
        step = percent ? step : text;
        err.print("\r\033[Kxen: " + step + (percent ? " " + text : ""));
        err.flush();
        open = true;
        if (!percent && !text.startsWith("fetching") && !text.startsWith("unpacking")) {
            close();
        }
    }

    /** Ends the line. */
    @Override public void close() {
        if (open) {
            err.println();
            open = false;
        }
    }
}
