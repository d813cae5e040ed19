package xen.hw.x86smp.oracle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

import picocli.CommandLine;
import xen.hw.x86smp.engine.Engine;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;

/** {@code ./xen fuzz cpu}: compares the machine's CPU with the host's silicon for as long as asked. */
@Component
@CliName("fuzz")
public final class FuzzCommand implements CliCommand {
    private final List<Engine> engines;

    /** @param engines those that can be named with {@code --engine} */
    @Activate
    public FuzzCommand(@Reference List<Engine> engines) {
        this.engines = engines;
    }

    @Override
    public String summary() {
        return "compares the CPU model with the host's silicon (fuzz cpu)";
    }

    @Override
    public int run(List<String> args, CliIo io) {
        return new CommandLine(new Options(engines, io)).setOut(new java.io.PrintWriter(io.out(), true))
                .setErr(new java.io.PrintWriter(io.err(), true)).execute(args.toArray(String[]::new));
    }

    @CommandLine.Command(name = "fuzz", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE,
            description = "Runs generated instructions natively and in the CPU model, and reports each difference once.")
    private static final class Options implements Callable<Integer> {
        @CommandLine.Parameters(paramLabel = "cpu", description = "what to fuzz: cpu")
        String what;
        @CommandLine.Option(names = "--seconds", defaultValue = "30", description = "how long (default ${DEFAULT-VALUE})")
        double seconds;
        @CommandLine.Option(names = "--seed", defaultValue = "1", description = "same seed, same cases (default ${DEFAULT-VALUE})")
        long seed;
        @CommandLine.Option(names = "--only", description = "one mnemonic, or an opcode as in 0fa4, f3.0fb8, 0f38f0")
        String only;
        @CommandLine.Option(names = "--mode", defaultValue = "64", description = "64, or 32 for compatibility mode")
        int mode;
        @CommandLine.Option(names = "--engine", defaultValue = "interp", description = "interp, or an engine such as native")
        String engine;
        @CommandLine.Option(names = "--strict", description = "compare undefined flags too; for hosts of the vendor that CPUID announces")
        boolean strict;
        @CommandLine.Option(names = "--coverage", description = "ends with the rows of the instruction table that the run never compared, rarely, "
                + "or only in a fault")
        boolean coverage;
        @CommandLine.Option(names = "--save", description = "folder for reproducers")
        Path save;

        private final List<Engine> engines;
        private final CliIo io;

        Options(List<Engine> engines, CliIo io) {
            this.engines = engines;
            this.io = io;
        }

        @Override
        public Integer call() throws IOException {
            if (!what.equals("cpu") || mode != 64 && mode != 32) {
                io.err().println(what.equals("cpu") ? "--mode is 64 or 32" : "cannot fuzz " + what + ": only cpu");
                return USAGE;
            }
            String why = NativeCpu.unavailable();
            if (why != null) {
                io.err().println("skipped: " + why);
                return OK;
            }
            String limits = HostCpu.limits();
            if (limits != null) {
                io.err().println("note: a difference may be the host's: " + limits);
            }
            Subject subject = engine.equals("interp") ? Subject.INTERPRETER
                    : engines.stream().filter(e -> e.name().equals(engine)).findFirst().map(e -> new Subject(e)).orElse(null);
            if (subject == null) {
                io.err().println("there is no engine '" + engine + "': there are interp"
                        + String.join("", engines.stream().map(e -> ", " + e.name()).toList()));
                return USAGE;
            }
            ShapeFilter filter = new ShapeFilter(only, mode == 32);
            long bad = new FuzzRun(strict ? subject.strictly() : subject, io.out(), save, coverage).run(seed, mode == 32, seconds, filter);
            return bad == 0 ? OK : FAILED;
        }
    }
}
