package xen.hw.disk;

import java.util.List;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Component;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import xen.hw.disk.qcow2.Fuzz;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;

/** {@code ./xen fuzz qcow2}: images whose headers and tables were changed at random. */
@Component
@CliName("fuzz qcow2")
public final class Qcow2Fuzz implements CliCommand {
    @Override public String summary() { return "damages headers and tables of qcow2 images: nothing but a clear error may come of it"; }

    @Override public int run(List<String> args, CliIo io) {
        return new CommandLine(new Line(io)).setOut(new java.io.PrintWriter(io.out(), true)).setErr(new java.io.PrintWriter(io.err(), true))
                .execute(args.toArray(String[]::new));
    }

    @Command(name = "fuzz qcow2", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE,
            description = "Makes images, damages some bytes of their headers and tables, and reads, writes, discards, resizes, checks and mends them.")
    private static final class Line implements Callable<Integer> {
        @Option(names = "--seconds", defaultValue = "30", description = "how long (default ${DEFAULT-VALUE})") double seconds;
        @Option(names = "--seed", defaultValue = "1", description = "same seed, same cases (default ${DEFAULT-VALUE})") long seed;

        private final CliIo io;

        Line(CliIo io) { this.io = io; }

        @Override public Integer call() {
            Fuzz.Result r = Fuzz.run(seed, seconds, Long.MAX_VALUE);
            io.out().println("cases %d: refused %d, errors in use %d, unharmed %d; wrong %d%s".formatted(r.cases(), r.refused(), r.failed(), r.unharmed(), r.wrong(),
                    r.first() == null ? "" : "\nfirst: " + r.first()));
            return r.wrong() == 0 ? OK : FAILED;
        }
    }
}
