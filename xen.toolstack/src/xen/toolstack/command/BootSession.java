package xen.toolstack.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.LockReport;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.DomainStats;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.SavedDomain;
import xen.toolstack.api.Snapshots;
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
    private record Ending(String why, int status, String report, double virtualSeconds, List<DomainStats> domains, LockReport lock) {}

    private static final long OVERHEAD = 64L << 20;

    private final Hypervisor hypervisor;
    private final DomainManager manager;
    private final Snapshots snapshots;
    private final SessionOptions options;
    private final CliIo io;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicReference<Ending> ending = new AtomicReference<>();
    private volatile ManagedDomain domain;
    private volatile boolean saved;

    /** @param snapshots null where nothing can be saved */
    BootSession(Hypervisor hypervisor, DomainManager manager, Snapshots snapshots, SessionOptions options, CliIo io) {
        this.hypervisor = hypervisor;
        this.manager = manager;
        this.snapshots = snapshots;
        this.options = options;
        this.io = io;
    }

    /** A guest without disks on the default scheduler and machine has all it needs in the bundles that are started first. */
    private void needs(DomainSpec spec) {
        if (!spec.disks().isEmpty() || spec.pool() != null || options.scheduler != null || options.machine != null) {
            options.rest.complete();
        }
    }

    /** What the user chose by name; a name that is not there is a mistake, not something to wait for. */
    private void select(String option, String name, Consumer<String> choice) {
        if (name == null) {
            return;
        }
        try {
            try {
                choice.accept(name);
            } catch (HypervisorException e) {
                // it may be in a bundle that nobody wanted yet
                options.rest.complete();
                choice.accept(name);
            }
        } catch (HypervisorException e) {
            hypervisor.powerOff();
            throw new ToolstackException(option + " " + name + ": " + e.getMessage());
        }
    }

    int run(DomainSpec spec) throws InterruptedException, IOException {
        options.check();
        options.rest.mark("command line read");
        needs(spec);
        DiskSpec.all(spec.disks()).forEach(DiskSpec::check);
        MachineConfig machine = new MachineConfig(machineBytes(spec), options.topology(spec.maxVcpus()), options.time(Terminal.present()), options.machine,
                options.scheduler, MachineConfig.DEFAULT_HZ);
        FutureTask<Void> files = new FutureTask<>(() -> manager.check(spec), null);
        if (Files.isRegularFile(spec.kernel()) && (spec.ramdisk() == null || Files.isRegularFile(spec.ramdisk()))) {
            // a kernel is as long in the reading as a machine in coming up
            Thread.ofPlatform().daemon().name("kernel-reader").start(files);
        } else {
            // most likely a mistake: nothing is powered on for it
            files.run();
            checked(files);
        }
        return run(machine, () -> {
            checked(files);
            options.rest.mark("kernel and RAM disk read");
            return manager.create(spec, true);
        });
    }

    /** What is wrong with the files is told as if they had been read here. */
    private static void checked(Future<?> files) {
        try {
            files.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException r -> throw r;
                case Error r -> throw r;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolstackException("interrupted");
        }
    }

    /** Goes on with a saved guest, on the machine that it ran on but for what the user says; types {@code commands} into its shell, if any. */
    int restore(SavedDomain saved, String name, String commands, boolean changedDisks) throws InterruptedException, IOException {
        needs(saved.spec());
        MachineConfig old = saved.machine();
        TimeMode time = options.time == null && !Terminal.present() ? old.timeMode() : options.time(Terminal.present());
        Topology topology = options.topology == null ? old.topology() : options.topology(1);
        MachineConfig machine = new MachineConfig(old.memoryBytes(), topology, time, options.machine, options.scheduler, old.tscHz(), old.costs());
        long begin = System.nanoTime();
        return run(machine, () -> {
            ManagedDomain d = snapshots.restore(saved.file(), name, true, changedDisks);
            if (commands != null) {
                d.input((commands + "; poweroff\n").getBytes(StandardCharsets.UTF_8));
            }
            if (options.debug) {
                io.err().printf("xen: %s restored %d ms after the command began%n", d.spec().name(), (System.nanoTime() - begin) / 1_000_000);
            }
            return d;
        });
    }

    /** @param make makes the guest, paused, when the machine is on */
    int run(MachineConfig machine, Supplier<ManagedDomain> make) throws InterruptedException, IOException {
        boolean terminal = Terminal.present();
        long begin = System.nanoTime();
        hypervisor.powerOn(machine);
        select("--engine", options.engine, hypervisor::selectEngine);
        select("--sched", options.scheduler, hypervisor::selectScheduler);
        options.rest.mark("machine on");
        try (TraceFile trace = options.trace.isEmpty() ? null : new TraceFile(options.traceFile, options.trace,
                        TracerComponent.names(manager));
                ConsoleStream console = new ConsoleStream(io.out(), options.until(), () -> end("match", CliCommand.OK, "", now()))) {
            hypervisor.trace(trace);
            ManagedDomain d = make.get();
            options.rest.mark(d.spec().name() + " made");
            domain = d;
            d.attach(console::accept);
            save(d);
            d.ended().whenComplete(this::ended);
            try (Terminal raw = terminal ? Terminal.raw() : null) {
                Thread input = Thread.ofPlatform().daemon().name("console-in").start(() -> input(raw != null));
                hypervisor.unpause(d.domid());
                options.rest.mark(d.spec().name() + " runs");
                await();
                input.interrupt();
            }
            options.rest.mark(ending.get().why);
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

    private void ended(ManagedDomain.End e, Throwable left) {
        if (left != null) {
            end("left", CliCommand.FAILED, left.getMessage(), now());
            return;
        }
        ShutdownReason reason = e.reason();
        if (reason == ShutdownReason.CRASH || reason == ShutdownReason.WATCHDOG) {
            end("crash", CliCommand.CRASHED, "the guest crashed" + (e.report().isEmpty() ? "" : "\n" + e.report().stripTrailing()), e.nanos());
        } else if (e.report().startsWith("restart failed")) {
            end("restart", CliCommand.FAILED, e.report(), e.nanos());
        } else {
            end(reason == null ? "destroyed" : reason.name().toLowerCase(Locale.ROOT), CliCommand.OK, "", e.nanos());
        }
    }

    /** Has the guest saved at its time. */
    private void save(ManagedDomain d) {
        if (options.save == null) {
            return;
        }
        if (options.saveAt != null) {
            snapshots.saveAt(d, options.save, options.saveAt, options.saveKeep).whenComplete(this::saved);
            return;
        }
        LineMatcher when = new LineMatcher(options.saveWhen());
        d.attach(text -> {
            if (!when.matched() && when.find(text) >= 0) {
                snapshots.save(d, options.save, Snapshots.Moment.SETTLED, options.saveKeep).whenComplete(this::saved);
            }
        });
    }

    private void saved(SavedDomain file, Throwable failure) {
        saved = true;
        if (failure != null) {
            end("save failed", CliCommand.FAILED, failure.getMessage(), now());
        } else if (options.saveKeep) {
            io.err().println("xen: saved " + file);
        } else {
            end("saved", CliCommand.OK, "saved " + file, now());
        }
    }

    private long now() { return hypervisor.timeline().now(); }

    /** The first ending counts. */
    private void end(String why, int status, String report, long nanos) {
        if (ending.get() == null) {
            ManagedDomain d = domain;
            Ending e = new Ending(why, status, report, nanos / 1e9, d == null ? List.of() : d.stats(), hypervisor.lockReport().orElse(null));
            if (ending.compareAndSet(null, e)) {
                over.countDown();
            }
        }
    }

    private int report(double wall) throws IOException {
        Ending e = ending.get();
        if (options.save != null && !saved) {
            io.err().println("xen: not saved: the guest ended before " + (options.saveAt != null ? options.saveAt + " instructions" : "a line that matches"));
        }
        if (!e.report.isEmpty()) {
            io.err().println("xen: " + e.report);
        }
        if (options.stats != null) {
            try {
                Files.writeString(options.stats, new Stats(e.why, wall, e.virtualSeconds, e.domains, e.lock).json());
            } catch (IOException x) {
                throw new ToolstackException(options.stats + ": cannot write the figures: " + x, x);
            }
        }
        return options.save != null && !saved && e.status == CliCommand.OK ? CliCommand.FAILED : e.status;
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
