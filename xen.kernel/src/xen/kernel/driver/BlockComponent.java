package xen.kernel.driver;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentServiceObjects;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.BlockFormat;
import xen.kernel.api.block.DiskModelFactory;
import xen.kernel.api.block.DiskSchedulerFactory;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.DriverHost;
import xen.kernel.api.block.FaultInjection;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.control.DriverDomain;
import xen.kernel.api.control.GrantBatch;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.event.EventPort;
import xen.kernel.api.time.TimeMode;
import xen.kernel.api.time.Timeline;

/** The machine's block core as a service; formats, models, schedulers and drivers come and go. A new core begins with the first disk of a
 *  machine: time begins anew with each power-on. */
@Component(service = {BlockControl.class, BlockCores.class}, immediate = true)
public final class BlockComponent implements BlockControl, FaultInjection, BlockCores, DriverHost {
    /** Name of the driver domain. */
    private static final String DRIVER = "blk";

    private final Hypervisor hypervisor;
    private final BlockCore.Plugins plugins = new BlockCore.Plugins();
    private final BlockCore core = new BlockCore(this, plugins);
    /** The driver's domain of this power-on. */
    private volatile DriverDomain domain;
    private volatile boolean virtual;

    /** Drivers that bundles offer, by their services. */
    private final Map<ServiceReference<BlockDriver>, DriverService> drivers = new ConcurrentHashMap<>();
    private final DriverGate gate;

    @Activate public BlockComponent(@Reference Hypervisor hypervisor, @Reference DriverGate gate) {
        this.hypervisor = hypervisor;
        this.gate = gate;
    }

    // Host

    @Override public int domid() { return domain == null ? 0 : domain.domid(); }
    @Override public GrantMapping map(int domid, int ref, boolean readOnly) { return domain.mapGrant(domid, ref, readOnly); }
    @Override public GrantBatch batch(int domid, int most) { return domain.grantBatch(domid, most); }
    @Override public EventPort bind(int domid, int port, Runnable onEvent) { return domain.bindInterdomain(domid, port, onEvent); }
    @Override public Timeline timeline() { return hypervisor.timeline(); }
    @Override public boolean virtual() { return virtual; }

    @Override public BlockControl open(DriverHost host, BlockDriver driver) {
        BlockCore c = new BlockCore(host, plugins);
        c.supervisor.added("own", driver);
        return c;
    }

    // Control

    @Override public ManagedVbd create(VbdConfig config) {
        if (!core.on()) {
            core.close();
            domain = hypervisor.driverDomain(DRIVER);
            virtual = hypervisor.config().map(c -> c.timeMode() == TimeMode.VIRTUAL).orElse(false);
        }
        return core.create(config);
    }

    @Override public List<ManagedVbd> list() { return core.list(); }
    @Override public int maxIndirectSegments() { return core.maxIndirectSegments(); }
    @Override public Map<String, String> driver() { return core.driver(); }
    @Override public void restartDriver() { core.restartDriver(); }
    @Override public void injectFault(DriverFault fault) { core.injectFault(fault); }
    @Override public void selectScheduler(String disk, String name) { core.selectScheduler(disk, name); }
    @Override public Map<String, String> schedulers() { return core.schedulers(); }
    @Override public Map<String, Map<String, Long>> diskCounters() { return core.diskCounters(); }

    @Deactivate void deactivate() { core.close(); }

    // Plugins

    private static String name(Map<String, Object> properties, String key, Object service) {
        return properties.get(key) instanceof String s ? s : service.getClass().getName();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addFormat(BlockFormat f, Map<String, Object> p) { plugins.formats.put(name(p, "xen.block.format", f), f); }

    public void removeFormat(BlockFormat f, Map<String, Object> p) { plugins.formats.remove(name(p, "xen.block.format", f), f); }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addModel(DiskModelFactory f, Map<String, Object> p) { plugins.models.put(name(p, "xen.disk.model", f), f); }

    public void removeModel(DiskModelFactory f, Map<String, Object> p) { plugins.models.remove(name(p, "xen.disk.model", f), f); }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addScheduler(DiskSchedulerFactory f, Map<String, Object> p) {
        String n = name(p, "xen.disk.scheduler", f);
        plugins.schedulers.put(n, f);
        core.schedulerAdded(n, f);
    }

    public void removeScheduler(DiskSchedulerFactory f, Map<String, Object> p) {
        String n = name(p, "xen.disk.scheduler", f);
        if (plugins.schedulers.remove(n, f)) {
            core.schedulerRemoved(n);
        }
    }

    @Reference(service = BlockDriver.class, cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addDriver(ServiceReference<BlockDriver> r, ComponentServiceObjects<BlockDriver> objects) {
        DriverService d = new DriverService(objects, gate);
        drivers.put(r, d);
        core.lock.lock();
        try {
            core.supervisor.added(driverName(r), d);
        } finally {
            core.leave();
        }
    }

    public void removeDriver(ServiceReference<BlockDriver> r) {
        DriverService d = drivers.remove(r);
        core.lock.lock();
        try {
            core.supervisor.removed(driverName(r), d);
        } finally {
            core.leave();
        }
    }

    private static String driverName(ServiceReference<BlockDriver> r) {
        return r.getProperty("xen.driver.block") instanceof String s ? s : String.valueOf(r.getProperty("component.name"));
    }
}
