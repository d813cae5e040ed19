package xen.toolstack.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.control.CpuPools;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.RestoringDomain;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.domain.Vcpu;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.DomainStats;
import xen.toolstack.api.EndAction;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.block.DiskSpec;
import xen.toolstack.block.DomainDisks;
import xen.toolstack.builder.BuiltDomain;
import xen.toolstack.builder.DomainBuilder;
import xen.toolstack.console.Console;
import xen.toolstack.console.ConsoleLog;
import xen.toolstack.save.DomainFile;
import xen.toolstack.save.StoreView;
import xen.toolstack.save.ToolState;
import xen.toolstack.store.SavedNode;
import xen.toolstack.store.StoreDaemon;

/**
 * One managed domain. States of an incarnation: made, running, ended; the next begins only after the last is gone. Changes are guarded by
 * this object's lock, which is never held when a listener is called.
 */
final class ManagedDomainImpl implements ManagedDomain {
    private static final int LOG_LIMIT = 256 << 10;

    private final Hypervisor hypervisor;
    private final StoreDaemon daemon;
    private volatile DomainSpec spec;
    private final BlockControl block;
    private final Consumer<DomainDisks> settle;
    private final ConsoleLog log = new ConsoleLog(LOG_LIMIT);
    private final List<Consumer<byte[]>> listeners = new CopyOnWriteArrayList<>();
    private final List<DomainStats> past = new ArrayList<>();
    private final CompletableFuture<End> ended = new CompletableFuture<>();
    private volatile Domain domain;
    private volatile Console console;
    private volatile DomainDisks disks;
    private volatile KernelSymbols symbols;
    private volatile long startedNanos;
    /** The guest's ends of console and store, and the page that the builder wrote for it. */
    private int consolePort, storePort;
    private long startInfo;
    /** The incarnation still has its domain. Like {@code past}, guarded by the lock of {@code past}: the timeline reads figures while the
     *  worker, with this object's lock, may be waiting for the timeline. */
    private boolean alive;

    ManagedDomainImpl(Hypervisor hypervisor, StoreDaemon daemon, BlockControl block, DomainSpec spec, Consumer<DomainDisks> settle) {
        this.settle = settle;
        this.block = block;
        this.hypervisor = hypervisor;
        this.daemon = daemon;
        this.spec = spec;
    }

    /** Builds and starts an incarnation from its files. */
    synchronized void start(boolean paused, BootSource source) {
        domain = hypervisor.create(new DomainConfig(spec.name(), spec.uuid(), spec.maxPages(), spec.maxVcpus(), false));
        synchronized (past) {
            alive = true;
        }
        int domid = domain.id();
        try {
            startedNanos = hypervisor.timeline().now();
            symbols = new KernelSymbols(spec);
            hypervisor.symbols(domid, symbols);
            BuiltDomain built = new DomainBuilder(hypervisor).build(domid, source.kernel(), source.ramdisk(), spec.commandLine(), source.layout());
            if (spec.weight() != DomainSpec.DEFAULT_WEIGHT || spec.cap() != 0) {
                hypervisor.setWeight(domid, spec.weight(), spec.cap());
            }
            if (!spec.cpus().isEmpty()) {
                for (Vcpu v : domain.vcpus()) {
                    hypervisor.setAffinity(v, spec.cpus());
                }
            }
            joinPool();
            StoreNodes.write(daemon.domainZero(), spec, built);
            disks = new DomainDisks(block, daemon.domainZero(), domid, spec.name(), settle);
            disks.add(spec.disks());
            consolePort = built.consolePort();
            storePort = built.storePort();
            startInfo = built.layout().startInfo();
            daemon.introduce(domid, DomainBuilder.GRANT_XENSTORE, storePort);
            console = new Console(hypervisor, domid, DomainBuilder.GRANT_CONSOLE, consolePort, log);
            listeners.forEach(l -> console.addListener(l, false));
        } catch (RuntimeException e) {
            dispose();
            throw e;
        }
        if (!paused) {
            hypervisor.unpause(domid);
        }
    }

    private void joinPool() {
        if (spec.pool() == null) {
            return;
        }
        CpuPools pools = hypervisor.cpuPools();
        pools.move(domain.id(), pools.find(spec.pool()).orElseThrow(() -> new ToolstackException("pool = '" + spec.pool() + "': there is no such CPU pool, there are "
                + pools.list().stream().map(CpuPools.CpuPool::name).toList() + "; make it first (xen:cpupool-create)")).id());
    }

    /** Makes an incarnation of a file. */
    synchronized void restore(DomainFile file, boolean paused) {
        RestoringDomain r = hypervisor.restore(new DomainConfig(spec.name(), spec.uuid(), spec.maxPages(), spec.maxVcpus(), false), file.image());
        LongUnaryOperator frames;
        try {
            frames = file.fill(r, hypervisor.memory());
            r.complete();
        } catch (RuntimeException e) {
            r.abandon();
            throw e;
        }
        domain = r.domain();
        synchronized (past) {
            alive = true;
        }
        try {
            joinPool();
            resume(file, frames);
        } catch (RuntimeException e) {
            dispose();
            throw e;
        }
        if (!paused) {
            hypervisor.unpause(domain.id());
        }
    }

    /** The back ends, as far as they were. */
    private void resume(DomainFile file, LongUnaryOperator frames) {
        ToolState t = file.tools();
        int domid = domain.id();
        startedNanos = hypervisor.timeline().now() - t.age();
        symbols = new KernelSymbols(spec);
        hypervisor.symbols(domid, symbols);
        consolePort = t.consolePort();
        storePort = t.storePort();
        startInfo = t.startInfo();
        daemon.load(StoreView.of(file.path(), t.nodes(), file.image().domid(), file.spec().uuid(), domid, spec.uuid(), spec.name(), frames));
        disks = new DomainDisks(block, daemon.domainZero(), domid, spec.name(), settle);
        DiskSpec.all(spec.disks()).forEach(disks::resume);
        daemon.introduce(domid, DomainBuilder.GRANT_XENSTORE, storePort, t.connection());
        log.append(t.log());
        console = new Console(hypervisor, domid, DomainBuilder.GRANT_CONSOLE, consolePort, log, t.typed());
        listeners.forEach(l -> console.addListener(l, false));
    }

    synchronized void rename(String name) {
        spec = spec.renamed(name);
        hypervisor.rename(domain.id(), name);
        StoreNodes.rename(daemon.domainZero(), spec, domain.id());
    }

    /** What the back ends know, with the domain between two instructions; on the timeline. {@code saved} are its disks. */
    ToolState toolState(List<ToolState.SavedDisk> saved) {
        int domid = domain.id();
        List<SavedNode> nodes = new ArrayList<>();
        List<Integer> backends = new ArrayList<>(List.of(0));
        hypervisor.driverDomains().forEach(d -> backends.add(d.domid()));
        StoreView.roots(domid, spec.uuid(), backends).forEach(root -> nodes.addAll(daemon.nodes(root)));
        return new ToolState(consolePort, storePort, startInfo, hypervisor.timeline().now() - startedNanos, log.content(), console.waiting(), daemon.save(domid), nodes,
                saved);
    }

    /** Does what the spec says about this end, which came at machine time {@code nanos}; on the worker thread. */
    void shutDown(Domain which, long nanos) {
        End end;
        synchronized (this) {
            if (which != domain || ended.isDone()) {
                return;
            }
            ShutdownReason reason = which.shutdownReason().orElse(ShutdownReason.CRASH);
            end = new End(reason, which.crashReport().orElse(""), nanos);
            EndAction action = switch (reason) {
                case POWEROFF, SUSPEND -> spec.onPoweroff();
                case REBOOT, SOFT_RESET -> spec.onReboot();
                case CRASH, WATCHDOG -> spec.onCrash();
            };
            if (action != EndAction.PRESERVE) {
                // what the guest printed last is still in its ring
                console.pump();
                dispose();
            }
            if (action == EndAction.RESTART) {
                try {
                    start(false, BootSource.of(spec));
                    return;
                } catch (RuntimeException e) {
                    end = new End(reason, "restart failed: " + e.getMessage(), nanos);
                }
            }
        }
        ended.complete(end);
    }

    /** Destroys it for good. */
    void destroy() {
        synchronized (this) {
            dispose();
        }
        ended.complete(new End(null, "", hypervisor.timeline().now()));
    }

    private void dispose() {
        synchronized (past) {
            if (!alive) {
                return;
            }
            alive = false;
            past.add(DomainStats.of(domain, disks));
        }
        if (disks != null) {
            disks.close();
        }
        daemon.release(domain.id());
        if (console != null) {
            console.close();
            console = null;
        }
        StoreNodes.remove(daemon.domainZero(), spec, domain.id());
        hypervisor.destroy(domain.id());
    }

    void consoleIo(byte[] text) {
        Console c = console;
        if (c != null) {
            c.output(text);
        }
    }

    /** Its virtual disks. */
    @Override public DomainDisks disks() { return disks; }

    @Override public DomainSpec spec() { return spec; }

    @Override public int domid() { return domain.id(); }

    @Override public Domain domain() { return domain; }

    @Override public CompletableFuture<End> ended() { return ended; }

    @Override public AutoCloseable attach(Consumer<byte[]> output) { return attach(output, false); }

    @Override public AutoCloseable attachWithLog(Consumer<byte[]> output) { return attach(output, true); }

    private AutoCloseable attach(Consumer<byte[]> output, boolean withLog) {
        synchronized (this) {
            listeners.add(output);
            if (console != null) {
                console.addListener(output, withLog);
            } else if (withLog) {
                output.accept(log.content());
            }
        }
        return () -> {
            synchronized (this) {
                listeners.remove(output);
                if (console != null) {
                    console.removeListener(output);
                }
            }
        };
    }

    @Override public void input(byte[] data) {
        Console c = console;
        if (c != null) {
            c.input(data);
        }
    }

    @Override public byte[] consoleLog() { return log.content(); }

    @Override public Optional<String> symbol(long va) {
        KernelSymbols s = symbols;
        return s == null ? Optional.empty() : s.name(va);
    }

    @Override public long startedNanos() { return startedNanos; }

    @Override public void onlineVcpus(int count) {
        if (count < 1 || count > spec.maxVcpus()) {
            throw new ToolstackException("'" + spec.name() + "' can have 1 to " + spec.maxVcpus() + " vCPUs online, not " + count + ": maxvcpus is its limit");
        }
        StoreNodes.onlineVcpus(daemon.domainZero(), spec, domain.id(), count);
    }

    @Override public List<DomainStats> stats() {
        synchronized (past) {
            List<DomainStats> all = new ArrayList<>(past);
            if (alive) {
                all.add(DomainStats.of(domain, disks));
            }
            return all;
        }
    }
}
