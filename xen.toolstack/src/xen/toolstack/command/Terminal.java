package xen.toolstack.command;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * The user's terminal in raw mode, by stty on /dev/tty, so that every key goes to the guest. Restored by {@link #close} and, should the
 * process be killed meanwhile, by a shutdown hook.
 */
final class Terminal implements AutoCloseable {
    /** Ctrl-], as telnet and xl console have it: leaves the guest. */
    static final int ESCAPE = 0x1d;

    private final String saved;
    private final Thread hook = new Thread(this::restore, "terminal-restore");
    private boolean raw;

    private Terminal(String saved) { this.saved = saved; }

    /** True when standard input and output are a terminal. */
    static boolean present() { return System.console() != null && System.console().isTerminal(); }

    /** Switches to raw mode; when stty cannot do that the terminal stays as it is. */
    static Terminal raw() {
        Terminal t = new Terminal(stty("-g"));
        if (!t.saved.isEmpty()) {
            Runtime.getRuntime().addShutdownHook(t.hook);
            t.raw = true;
            stty("raw", "-echo");
        }
        return t;
    }

    private synchronized void restore() {
        if (raw) {
            raw = false;
            stty(saved);
        }
    }

    private static String stty(String... args) {
        try {
            String[] line = new String[args.length + 1];
            line[0] = "stty";
            System.arraycopy(args, 0, line, 1, args.length);
            Process p = new ProcessBuilder(line).redirectInput(new File("/dev/tty")).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            return p.waitFor(5, TimeUnit.SECONDS) && p.exitValue() == 0 ? out : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    @Override public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending: the hook is running already
        }
    }
}
