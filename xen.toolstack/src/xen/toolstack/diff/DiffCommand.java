package xen.toolstack.diff;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.HypervisorFactory;
import xen.kernel.api.hw.Machine;
import xen.toolstack.api.DomainSpec;

/** {@code ./xen diff --engines A,B KERNEL}: the same guest on two engines in lock step, to the first difference. */
@Component
@CliName("diff")
public final class DiffCommand implements CliCommand {
    /** A second pass goes through the slice that differed in pieces of about one block. */
    private static final long FINE = 24;

    private final HypervisorFactory factory;
    private final Machine machine;

    @Activate public DiffCommand(@Reference HypervisorFactory factory, @Reference Machine machine) {
        this.factory = factory;
        this.machine = machine;
    }

    @Override public String summary() { return "run a guest on two CPU engines in lock step, to the first difference"; }

    @Override public int run(List<String> args, CliIo io) {
        CommandLine line = new CommandLine(new Line(io)).setCommandName("./xen diff");
        line.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        line.setOut(new PrintWriter(io.out(), true));
        line.setParameterExceptionHandler((e, a) -> {
            io.err().println("xen: " + e.getMessage() + "; see ./xen diff --help");
            return USAGE;
        });
        line.setExecutionExceptionHandler((e, l, r) -> {
            if (e instanceof CommandFailure || e instanceof IllegalArgumentException) {
                io.err().println("xen: " + e.getMessage());
                return e instanceof CommandFailure f ? f.status() : USAGE;
            }
            throw e;
        });
        return line.execute(args.toArray(String[]::new));
    }

    @Command(name = "diff", description = "Runs one guest on two CPU engines in lock step in virtual time: registers are compared behind every"
            + " slice, all of memory every 25 million instructions. Stops at the first difference and shows both states.",
            footer = "Exit status: 0 no difference, 1 a difference, 2 usage or bad input, 4 time limit.")
    private final class Line implements Callable<Integer> {
        @Parameters(paramLabel = "KERNEL", description = "64-bit Xen PV kernel, ELF or bzImage")
        Path kernel;

        @Option(names = "--engines", paramLabel = "NAME", split = ",", description = "the two engines (default: ${DEFAULT-VALUE})")
        List<String> engines = List.of("interp", "native");

        @Option(names = "--ramdisk", paramLabel = "FILE", description = "initial RAM disk")
        Path ramdisk;

        @Option(names = "--cmdline", paramLabel = "STRING", description = "kernel command line (default: ${DEFAULT-VALUE})")
        String commandLine = "console=hvc0";

        @Option(names = "--memory", paramLabel = "MIB", description = "memory of the guest (default: ${DEFAULT-VALUE})")
        long memory = 256;

        @Option(names = "--instructions", paramLabel = "N", description = "end behind that many (default: when the guest ends)")
        long instructions = Long.MAX_VALUE;

        @Option(names = "--slice", paramLabel = "N", description = "instructions between two comparisons (default: ${DEFAULT-VALUE})")
        long slice = 20_000;

        @Option(names = "--timeout", paramLabel = "SECONDS", description = "end with status 4 after that much wall-clock time")
        Double timeout;

        @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
        boolean help;

        private final CliIo io;

        Line(CliIo io) { this.io = io; }

        @Override public Integer call() throws InterruptedException {
            if (engines.size() != 2 || slice < 1 || instructions < 1) {
                throw new CommandFailure(USAGE, "--engines takes two names, --slice and --instructions positive numbers");
            }
            DomainSpec spec = DomainSpec.simple("diff", kernel, ramdisk, commandLine, memory, 1, null);
            return pass(spec, slice, Long.MAX_VALUE);
        }

        private int pass(DomainSpec spec, long coarse, long fineFrom) throws InterruptedException {
            Lockstep lockstep = new Lockstep(instructions, coarse, FINE, fineFrom);
            Lockstep.Difference d;
            try (DiffSide a = side(0, lockstep, spec); DiffSide b = side(1, lockstep, spec)) {
                a.domain.ended().thenAccept(e -> lockstep.stop());
                b.domain.ended().thenAccept(e -> lockstep.stop());
                a.start();
                b.start();
                boolean inTime = timeout == null || lockstep.over().await((long) (timeout * 1000), TimeUnit.MILLISECONDS);
                if (timeout == null) {
                    lockstep.over().await();
                }
                lockstep.stop();
                d = lockstep.difference();
                if (d == null) {
                    io.out().printf("%s and %s agree over %,d instructions%n", engines.get(0), engines.get(1), lockstep.agreed());
                    return inTime ? OK : LIMIT;
                }
                if (fineFrom != Long.MAX_VALUE || d.before() == null) {
                    report(d, a);
                    return FAILED;
                }
            }
            io.err().printf("xen: a difference between %,d and %,d instructions; looking closer%n", d.before().retired, d.left().retired);
            return pass(spec, coarse, d.before().retired);
        }

        private DiffSide side(int side, Lockstep lockstep, DomainSpec spec) {
            return new DiffSide(factory.create(new LockstepMachine(machine, engines.get(side), side, lockstep)), spec);
        }

        private void report(Lockstep.Difference d, DiffSide a) {
            io.out().printf("%s and %s differ behind %,d instructions:%n", engines.get(0), engines.get(1), d.left().retired);
            d.lines().forEach(l -> io.out().println("  " + l));
            if (d.before() != null) {
                io.out().printf("they agreed before, at %s:%n%s", a.domain.symbol(d.before().rip).orElse("no symbol"), d.before());
                a.quiesced(() -> a.code(d.before().rip).ifPresent(code -> listing(code, d.before().rip)));
            }
            io.out().printf("%s:%n%s%s:%n%s", engines.get(0), d.left(), engines.get(1), d.right());
        }

        private void listing(byte[] code, long rip) {
            for (int at = 0; at < code.length; ) {
                Machine.Listing l = machine.disassemble(java.util.Arrays.copyOfRange(code, at, code.length), rip + at, true);
                if (l.length() == 0) {
                    return;
                }
                io.out().printf("  %016x  %s%n", rip + at, l.text());
                at += l.length();
            }
        }
    }
}
