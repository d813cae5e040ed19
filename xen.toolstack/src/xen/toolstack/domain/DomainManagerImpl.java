package xen.toolstack.domain;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.control.DomainListener;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.DomainState;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.XenStore;
import xen.toolstack.block.DiskSpec;
import xen.toolstack.block.VbdSettings;
import xen.toolstack.config.XlConfig;
import xen.toolstack.state.Fields;
import xen.toolstack.state.HandOver;
import xen.toolstack.store.StoreDaemon;

/**
 * The domain manager. Shutdowns are told on the timeline and handled on one worker thread, in order. Domains outlive it: it adopts those
 * that the manager before it left, and leaves its own to the next.
 */
@Component(service = {DomainManager.class, DomainManagerImpl.class}, immediate = true)
public final class DomainManagerImpl implements DomainManager, DomainListener {
    private static final Logger LOG = LoggerFactory.getLogger(DomainManagerImpl.class);

    /** What was read for a check. */
    private record Checked(DomainSpec spec, BootSource source) {}

    private final Hypervisor hypervisor;
    private final StoreDaemon daemon;
    private final Tools tools;
    private final HandOver handOver;
    private final List<ManagedDomainImpl> domains = new CopyOnWriteArrayList<>();
    private final List<VbdSettings> settings = new CopyOnWriteArrayList<>();
    /** Until it is used and no longer: an unpacked kernel has tens of megabytes. */
    private final AtomicReference<Checked> checked = new AtomicReference<>();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("toolstack").factory());

    /** A tool stack whose guests have no disks. */
    public DomainManagerImpl(Hypervisor hypervisor, StoreDaemon daemon) { this(hypervisor, daemon, null); }

    @Activate public DomainManagerImpl(@Reference Hypervisor hypervisor, @Reference StoreDaemon daemon, @Reference BlockControl block) {
        this.hypervisor = hypervisor;
        this.daemon = daemon;
        tools = new Tools(hypervisor, daemon, block, (name, disks) -> settings.forEach(s -> s.apply(name, disks)));
        handOver = new HandOver(hypervisor, "domains", 1);
        hypervisor.addListener(this);
        XenStore store = daemon.domainZero();
        store.write("/local/domain/0/domid", "0");
        store.write("/local/domain/0/name", "Domain-0");
        handOver.claim(in -> Fields.list(in, LeftDomain::read).forEach(this::adopt));
    }

    /** Takes over a domain of the tool stack before this one. It may have ended meanwhile, or be gone. */
    private void adopt(LeftDomain left) {
        DomainSpec spec = left.spec();
        Domain domain = hypervisor.domain(left.domid()).orElse(null);
        if (domain == null) {
            StoreNodes.remove(daemon.domainZero(), spec, left.domid());
            return;
        }
        try {
            ManagedDomainImpl d = add(spec, m -> m.adopt(domain, left));
            if (left.end() != null) {
                d.preserved(left.end());
            } else if (domain.state() == DomainState.SHUTDOWN) {
                shutdown(domain);
            }
        } catch (RuntimeException e) {
            LOG.error("domain {} goes on without the tool stack: it cannot be taken over from the one before", spec.name(), e);
        }
    }

    /** Shares of virtual disks that are configured: those there are, and those to come. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addSettings(VbdSettings s) {
        settings.add(s);
        for (ManagedDomainImpl d : domains) {
            if (d.disks() != null) {
                s.apply(d.spec().name(), d.disks());
            }
        }
    }

    public void removeSettings(VbdSettings s) { settings.remove(s); }

    @Override public ManagedDomain create(DomainSpec spec, boolean paused) {
        return add(spec, d -> d.start(paused, read(spec)));
    }

    private void checkFree(String name) {
        if (domains.stream().anyMatch(d -> d.spec().name().equals(name))) {
            throw new ToolstackException("name = '" + name + "': a domain with this name is running; give another name or destroy it");
        }
    }

    @Override public void rename(ManagedDomain domain, String name) {
        if (!domain.spec().name().equals(name)) {
            checkFree(name);
            ((ManagedDomainImpl) domain).rename(name);
        }
    }

    /** A domain that is in the list while {@code start} makes it. */
    ManagedDomainImpl add(DomainSpec spec, Consumer<ManagedDomainImpl> start) {
        checkFree(spec.name());
        ManagedDomainImpl d = new ManagedDomainImpl(tools, spec);
        d.ended().thenAccept(end -> {
            // a preserved domain stays in the list until it is destroyed
            if (end.reason() == null || d.domain() == null || hypervisor.domain(d.domid()).isEmpty()) {
                domains.remove(d);
            }
        });
        domains.add(d);
        try {
            start.accept(d);
            return d;
        } catch (RuntimeException e) {
            domains.remove(d);
            throw e;
        }
    }

    @Override public void check(DomainSpec spec) { checked.set(new Checked(spec, BootSource.of(spec))); }

    private BootSource read(DomainSpec spec) {
        Checked c = checked.getAndSet(null);
        return c != null && c.spec == spec ? c.source : BootSource.of(spec);
    }

    @Override public DomainSpec read(Path file, Consumer<String> warnings) {
        XlConfig config = XlConfig.read(file);
        config.warnings().forEach(warnings);
        DomainSpec spec = config.spec();
        DiskSpec.all(spec.disks());
        if (!spec.nics().isEmpty()) {
            warnings.accept(file + ": vif has no effect: this distribution has no back end for it");
        }
        return spec;
    }

    @Override public List<ManagedDomain> list() { return List.copyOf(domains); }

    @Override public Optional<ManagedDomain> find(String nameOrId) {
        return list().stream().filter(d -> d.spec().name().equals(nameOrId) || Integer.toString(d.domid()).equals(nameOrId)).findFirst();
    }

    @Override public void destroy(ManagedDomain domain) {
        ManagedDomainImpl d = (ManagedDomainImpl) domain;
        d.destroy();
        domains.remove(d);
    }

    @Override public void shutdown(ManagedDomain domain) { control(domain, "poweroff"); }

    @Override public void reboot(ManagedDomain domain) { control(domain, "reboot"); }

    private void control(ManagedDomain domain, String word) { daemon.domainZero().write(StoreNodes.home(domain.domid()) + "/control/shutdown", word); }

    @Override public void shutdown(Domain domain) {
        long now = hypervisor.timeline().now();
        try {
            worker.execute(() -> domains.stream().filter(d -> d.domain() == domain).findFirst().ifPresent(d -> d.shutDown(domain, now)));
        } catch (RejectedExecutionException e) {
            // this tool stack is going; the next one looks at the domain's state
        }
    }

    @Override public void consoleIo(Domain domain, byte[] text) {
        domains.stream().filter(d -> d.domain() == domain).findFirst().ifPresent(d -> d.consoleIo(text));
    }

    /** Domains go on without us; the next tool stack takes them over. */
    @Deactivate public void close() {
        hypervisor.removeListener(this);
        worker.shutdown();
        List<LeftDomain> left = domains.stream().map(ManagedDomainImpl::leave).filter(Objects::nonNull).toList();
        handOver.leave(out -> Fields.list(out, left, (o, d) -> d.write(o)));
    }
}
