package xen.toolstack.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.block.DiskSpec;
import xen.toolstack.trace.TraceFile;
import xen.toolstack.trace.TracerComponent;

/**
 * One guest from power-on of the machine to the end of the command: its console on the streams, its limits, its figures. Runs on the
 * command's thread, which waits here; what ends the wait comes from the timeline (match), the tool stack's worker (end of the domain)
 * or the user (escape key).
 */
final class BootSession {
    /** Why the wait ended, and the figures of that moment. */
    private record Ending(String why, int status, String report, double virtualSeconds, List<xen.toolstack.api.DomainStats> domains) {}

    private static final long OVERHEAD = 64L << 20;

    private final Hypervisor hypervisor;
    private final DomainManager manager;
    private final SessionOptions options;
    private final CliIo io;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicReference<Ending> ending = new AtomicReference<>();
    private volatile ManagedDomain domain;

    BootSession(Hypervisor hypervisor, DomainManager manager, SessionOptions options, CliIo io) {
        this.hypervisor = hypervisor;
        this.manager = manager;
        this.options = options;
        this.io = io;
    }

    /** What the user chose by name; a name that is not there is a mistake, not something to wait for. */
    private void select(String option, String name, Consumer<String> choice) {
        if (name == null) {
            return;
        }
        try {
            choice.accept(name);
        } catch (HypervisorException e) {
            hypervisor.powerOff();
            throw new ToolstackException(option + " " + name + ": " + e.getMessage());
        }
    }

    int run(DomainSpec spec) throws InterruptedException, IOException {
        options.check();
        // checked here first: nothing is powered on for a kernel that cannot be used
        manager.check(spec);
        DiskSpec.all(spec.disks()).forEach(DiskSpec::check);
        boolean terminal = Terminal.present();
        TimeMode time = options.time(terminal);
        long begin = System.nanoTime();
        hypervisor.powerOn(new MachineConfig(machineBytes(spec), options.topology(spec.maxVcpus()), time, options.machine, options.scheduler,
                MachineConfig.DEFAULT_HZ));
        select("--engine", options.engine, hypervisor::selectEngine);
        select("--sched", options.scheduler, hypervisor::selectScheduler);
        try (TraceFile trace = options.trace.isEmpty() ? null : new TraceFile(options.traceFile, options.trace,
                        TracerComponent.names(manager));
                ConsoleStream console = new ConsoleStream(io.out(), options.until(), () -> end("match", CliCommand.OK, "", now()))) {
            hypervisor.trace(trace);
            ManagedDomain d = manager.create(spec, true);
            domain = d;
            d.attach(console::accept);
            d.ended().thenAccept(this::ended);
            try (Terminal raw = terminal ? Terminal.raw() : null) {
                Thread input = Thread.ofPlatform().daemon().name("console-in").start(() -> input(raw != null));
                hypervisor.unpause(d.domid());
                await();
                input.interrupt();
            }
            hypervisor.trace(null);
        } finally {
            manager.list().forEach(manager::destroy);
            hypervisor.powerOff();
        }
        return report((System.nanoTime() - begin) / 1e9);
    }

    /** Room for the domain at its largest, the machine-to-physical table, grant tables and shared pages. */
    private static long machineBytes(DomainSpec spec) {
        long bytes = spec.maxPages() << 12;
        return bytes + bytes / 16 + OVERHEAD + 4095 & -4096L;
    }

    private void await() throws InterruptedException {
        if (options.timeout == null) {
            over.await();
        } else if (!over.await((long) (options.timeout * 1000), TimeUnit.MILLISECONDS)) {
            end("timeout", CliCommand.LIMIT, "the limit of " + options.timeout + " s is reached", now());
        }
    }

    private void ended(ManagedDomain.End e) {
        ShutdownReason reason = e.reason();
        if (reason == ShutdownReason.CRASH || reason == ShutdownReason.WATCHDOG) {
            end("crash", CliCommand.CRASHED, "the guest crashed" + (e.report().isEmpty() ? "" : "\n" + e.report().stripTrailing()), e.nanos());
        } else if (e.report().startsWith("restart failed")) {
            end("restart", CliCommand.FAILED, e.report(), e.nanos());
        } else {
            end(reason == null ? "destroyed" : reason.name().toLowerCase(), CliCommand.OK, "", e.nanos());
        }
    }

    private long now() { return hypervisor.timeline().now(); }

    /** The first ending counts. */
    private void end(String why, int status, String report, long nanos) {
        if (ending.get() == null) {
            ManagedDomain d = domain;
            Ending e = new Ending(why, status, report, nanos / 1e9, d == null ? List.of() : d.stats());
            if (ending.compareAndSet(null, e)) {
                over.countDown();
            }
        }
    }

    private int report(double wall) throws IOException {
        Ending e = ending.get();
        if (!e.report.isEmpty()) {
            io.err().println("xen: " + e.report);
        }
        if (options.stats != null) {
            try {
                Files.writeString(options.stats, new Stats(e.why, wall, e.virtualSeconds, e.domains).json());
            } catch (IOException x) {
                throw new ToolstackException(options.stats + ": cannot write the figures: " + x, x);
            }
        }
        return e.status;
    }

    private void input(boolean terminal) {
        InputStream in = io.in();
        byte[] buffer = new byte[4096];
        try {
            for (int n; (n = in.read(buffer)) >= 0 && over.getCount() > 0;) {
                for (int i = 0; terminal && i < n; i++) {
                    if (buffer[i] == Terminal.ESCAPE) {
                        end("escape", CliCommand.OK, "left by Ctrl-]; the guest is destroyed", now());
                        return;
                    }
                }
                domain.input(Arrays.copyOf(buffer, n));
            }
        } catch (IOException e) {
            // no more input; the guest goes on
        }
    }
}
