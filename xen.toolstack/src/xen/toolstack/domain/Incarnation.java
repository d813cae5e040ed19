package xen.toolstack.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import xen.kernel.api.control.CpuPools;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.RestoringDomain;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.Vcpu;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.block.DiskSpec;
import xen.toolstack.block.DomainDisks;
import xen.toolstack.builder.BuiltDomain;
import xen.toolstack.builder.DomainBuilder;
import xen.toolstack.console.Console;
import xen.toolstack.console.ConsoleLog;
import xen.toolstack.save.DiskStamp;
import xen.toolstack.save.DomainFile;
import xen.toolstack.save.StoreView;
import xen.toolstack.save.ToolState;
import xen.toolstack.store.SavedNode;

/**
 * A domain of the core with its back ends (console, xenstore connection, disks), from a boot to the next. It is built from files,
 * restored from a snapshot or adopted from the tool stack before this one; it ends destroyed, or left to the tool stack after this one.
 * Calls exclude each other by the lock of the {@link ManagedDomainImpl} that has it.
 */
final class Incarnation {
    private static final DiskStamp UNKNOWN = new DiskStamp(0, 0, 0);

    final Domain domain;
    final KernelSymbols symbols;
    final DomainDisks disks;
    Console console;
    long startedNanos;
    private final Tools tools;
    /** The guest's ends of console and store, and the page that the builder wrote for it. */
    private int consolePort, storePort;
    private long startInfo;

    private Incarnation(Tools tools, DomainSpec spec, Domain domain) {
        this.tools = tools;
        this.domain = domain;
        symbols = new KernelSymbols(spec);
        disks = tools.disks(domain.id(), spec.name());
        startedNanos = tools.hypervisor().timeline().now();
        tools.hypervisor().symbols(domain.id(), symbols);
    }

    private static DomainConfig config(DomainSpec spec) { return new DomainConfig(spec.name(), spec.uuid(), spec.maxPages(), spec.maxVcpus(), false); }

    /** A new domain, paused. */
    static Incarnation build(Tools tools, DomainSpec spec, BootSource source, ConsoleLog log) {
        Incarnation i = new Incarnation(tools, spec, tools.hypervisor().create(config(spec)));
        return i.orDispose(spec, () -> i.build(spec, source, log));
    }

    private void build(DomainSpec spec, BootSource source, ConsoleLog log) {
        Hypervisor hypervisor = tools.hypervisor();
        int domid = domain.id();
        BuiltDomain built = new DomainBuilder(hypervisor).build(domid, source.kernel(), source.ramdisk(), spec.commandLine(), source.layout());
        if (spec.weight() != DomainSpec.DEFAULT_WEIGHT || spec.cap() != 0) {
            hypervisor.setWeight(domid, spec.weight(), spec.cap());
        }
        if (!spec.cpus().isEmpty()) {
            for (Vcpu v : domain.vcpus()) {
                hypervisor.setAffinity(v, spec.cpus());
            }
        }
        joinPool(spec);
        StoreNodes.write(tools.daemon().domainZero(), spec, built);
        disks.add(spec.disks());
        consolePort = built.consolePort();
        storePort = built.storePort();
        startInfo = built.layout().startInfo();
        tools.daemon().introduce(domid, DomainBuilder.GRANT_XENSTORE, storePort);
        console = new Console(hypervisor, domid, DomainBuilder.GRANT_CONSOLE, consolePort, log);
    }

    private void joinPool(DomainSpec spec) {
        if (spec.pool() == null) {
            return;
        }
        CpuPools pools = tools.hypervisor().cpuPools();
        pools.move(domain.id(), pools.find(spec.pool()).orElseThrow(() -> new ToolstackException("pool = '" + spec.pool() + "': there is no such CPU pool, there are "
                + pools.list().stream().map(CpuPools.CpuPool::name).toList() + "; make it first (xen:cpupool-create)")).id());
    }

    /** A domain of a snapshot, paused. */
    static Incarnation restore(Tools tools, DomainSpec spec, DomainFile file, ConsoleLog log) {
        RestoringDomain r = tools.hypervisor().restore(config(spec), file.image());
        LongUnaryOperator frames;
        try {
            frames = file.fill(r, tools.hypervisor().memory());
            r.complete();
        } catch (RuntimeException e) {
            r.abandon();
            throw e;
        }
        Incarnation i = new Incarnation(tools, spec, r.domain());
        return i.orDispose(spec, () -> {
            ToolState t = file.tools();
            i.startedNanos -= t.age();
            i.joinPool(spec);
            tools.daemon().load(StoreView.of(file.path(), t.nodes(), file.image().domid(), file.spec().uuid(), i.domain.id(), spec.uuid(), spec.name(), frames));
            DiskSpec.all(spec.disks()).forEach(i.disks::resume);
            i.connect(t, log);
        });
    }

    /** A domain that runs, or ended, while there was no tool stack. */
    static Incarnation adopt(Tools tools, Domain domain, LeftDomain left, ConsoleLog log) {
        Incarnation i = new Incarnation(tools, left.spec(), domain);
        i.startedNanos = left.startedNanos();
        DiskSpec.all(left.state().disks().stream().map(ToolState.SavedDisk::words).toList()).forEach(i.disks::adopt);
        i.connect(left.state(), log);
        return i;
    }

    /** The back ends, as far as they were. */
    private void connect(ToolState t, ConsoleLog log) {
        consolePort = t.consolePort();
        storePort = t.storePort();
        startInfo = t.startInfo();
        tools.daemon().introduce(domain.id(), DomainBuilder.GRANT_XENSTORE, storePort, t.connection());
        log.append(t.log());
        console = new Console(tools.hypervisor(), domain.id(), DomainBuilder.GRANT_CONSOLE, consolePort, log, t.typed());
    }

    private Incarnation orDispose(DomainSpec spec, Runnable making) {
        try {
            making.run();
            return this;
        } catch (RuntimeException e) {
            dispose(spec);
            throw e;
        }
    }

    /** What the back ends know, with the domain between two instructions; on the timeline. {@code saved} are its disks. */
    ToolState state(DomainSpec spec, ConsoleLog log, List<ToolState.SavedDisk> saved) {
        int domid = domain.id();
        List<SavedNode> nodes = new ArrayList<>();
        List<Integer> backends = new ArrayList<>(List.of(0));
        tools.hypervisor().driverDomains().forEach(d -> backends.add(d.domid()));
        StoreView.roots(domid, spec.uuid(), backends).forEach(root -> nodes.addAll(tools.daemon().nodes(root)));
        return new ToolState(consolePort, storePort, startInfo, age(), log.content(), console.waiting(), tools.daemon().save(domid), nodes, saved);
    }

    private long age() { return tools.hypervisor().timeline().now() - startedNanos; }

    /**
     * Lets go of the domain, which runs on: what it prints and asks for waits in its rings. What is told is complete, but for the nodes:
     * the store leaves those by itself.
     */
    ToolState leave(ConsoleLog log) {
        List<ToolState.SavedDisk> saved = disks.specs().stream().map(s -> new ToolState.SavedDisk(s.text(), UNKNOWN)).toList();
        disks.leave();
        console.close();
        tools.hypervisor().symbols(domain.id(), null);
        return new ToolState(consolePort, storePort, startInfo, age(), log.content(), console.waiting(), tools.daemon().leave(domain.id()), List.of(), saved);
    }

    /** Takes everything back, also from one that was only half made. */
    void dispose(DomainSpec spec) {
        disks.close();
        tools.daemon().release(domain.id());
        if (console != null) {
            console.close();
        }
        StoreNodes.remove(tools.daemon().domainZero(), spec, domain.id());
        tools.hypervisor().destroy(domain.id());
    }
}
