package xen.toolstack.block;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.ServiceClass;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.VirtualDisks;
import xen.toolstack.api.XenStore;

/** The virtual disks of one domain; from before its first instruction until before its frames go. */
public final class DomainDisks implements VirtualDisks, AutoCloseable {
    private record Attached(DiskSpec spec, ManagedVbd vbd, VbdNodes nodes) {}

    private final BlockControl control;
    private final XenStore store;
    private final int domid;
    private final String name;
    /** Told of each new disk: settings may want to change it. */
    private final Consumer<DomainDisks> onAttach;
    private final List<Attached> disks = new ArrayList<>();

    public DomainDisks(BlockControl control, XenStore store, int domid, String name, Consumer<DomainDisks> onAttach) {
        this.control = control;
        this.store = store;
        this.domid = domid;
        this.name = name;
        this.onAttach = onAttach;
    }

    /** Opens all images and publishes the devices; when one cannot be opened nothing stays. */
    public void add(List<String> texts) {
        if (texts.isEmpty()) {
            return;
        }
        try {
            for (DiskSpec spec : DiskSpec.all(texts)) {
                attach(spec);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override public Disk attach(String text) {
        DiskSpec spec;
        synchronized (this) {
            spec = DiskSpec.next(text, disks.stream().map(d -> d.spec.device()).collect(Collectors.toSet()));
        }
        spec.check();
        return attach(spec);
    }

    private Disk attach(DiskSpec spec) {
        if (control == null) {
            throw new ToolstackException("disk: this distribution has no block driver; leave disks out");
        }
        Attached d;
        synchronized (this) {
            if (disks.stream().anyMatch(o -> o.spec.device() == spec.device())) {
                throw new ToolstackException(spec.vdev() + " is in use in this domain; choose another vdev");
            }
            ManagedVbd vbd = control.create(spec.config(domid));
            d = new Attached(spec, vbd, new VbdNodes(store, vbd, spec, control.maxIndirectSegments()));
            disks.add(d);
        }
        d.nodes.publish();
        onAttach.accept(this);
        return describe(d);
    }

    private synchronized Attached need(String vdev) {
        return disks.stream().filter(d -> d.spec.vdev().equals(vdev) || Integer.toString(d.spec.device()).equals(vdev)).findFirst()
                .orElseThrow(() -> new ToolstackException("domain " + name + " has no disk " + vdev + ": it has "
                        + (disks.isEmpty() ? "none" : disks.stream().map(d -> d.spec.vdev()).collect(Collectors.joining(", ")))));
    }

    @Override public void detach(String vdev, boolean force, double seconds) {
        Attached d = need(vdev);
        if (!force && !d.nodes.ask(seconds)) {
            throw new ToolstackException("domain " + name + " keeps " + vdev + " open: unmount it there and try again, or take it away with -f");
        }
        synchronized (this) {
            disks.remove(d);
        }
        d.nodes.close();
    }

    @Override public List<String> refresh() {
        List<Attached> all;
        synchronized (this) {
            all = List.copyOf(disks);
        }
        List<String> changed = new ArrayList<>();
        for (Attached d : all) {
            if (d.vbd.refresh()) {
                d.nodes.resized();
                changed.add(d.spec.vdev());
            }
        }
        return changed;
    }

    @Override public void parameters(String vdev, Integer weight, ServiceClass serviceClass, Integer reservation, Integer limit) {
        ManagedVbd v = need(vdev).vbd;
        v.parameters(weight == null ? v.weight() : weight, serviceClass == null ? v.serviceClass() : serviceClass,
                reservation == null ? v.reservation() : reservation, limit == null ? v.limit() : limit);
    }

    @Override public synchronized List<Disk> list() { return disks.stream().map(DomainDisks::describe).toList(); }

    private static Disk describe(Attached d) {
        return new Disk(d.spec.vdev(), d.spec.device(), d.spec.target(), d.spec.format(), d.vbd.readOnly(), d.spec.cdrom(), d.vbd.backendDomid(),
                d.nodes.state(), d.vbd.weight(), d.vbd.serviceClass(), d.vbd.reservation(), d.vbd.limit(), d.vbd.sectors(), d.vbd.counters());
    }

    /** To be called before the domain's frames go. */
    @Override public void close() {
        List<Attached> all;
        synchronized (this) {
            all = List.copyOf(disks);
            disks.clear();
        }
        all.forEach(d -> d.nodes.close());
    }

    // A tool stack that takes over

    /** Looks after them no more; they stay connected. */
    public synchronized void leave() {
        disks.forEach(d -> d.nodes.leave());
        disks.clear();
    }

    /** Looks after a disk that is there and connected, and whose nodes are in the store. */
    public void adopt(DiskSpec spec) {
        ManagedVbd vbd = control.list().stream().filter(v -> v.domid() == domid && v.device() == spec.device()).findFirst()
                .orElseThrow(() -> new ToolstackException("disk " + spec.vdev() + " of domain " + name + " is gone"));
        add(spec, vbd).adopt();
    }

    private synchronized VbdNodes add(DiskSpec spec, ManagedVbd vbd) {
        VbdNodes nodes = new VbdNodes(store, vbd, spec, control.maxIndirectSegments());
        disks.add(new Attached(spec, vbd, nodes));
        return nodes;
    }

    // Saving

    /** Requests that the back end has taken and not answered. */
    public synchronized int underWay() { return disks.stream().mapToInt(d -> d.vbd.underWay()).sum(); }

    /** Each disk's description. */
    public synchronized List<DiskSpec> specs() { return disks.stream().map(Attached::spec).toList(); }

    /** A disk of a restored domain, whose nodes are in the store already and say how far the two ends were. */
    public void resume(DiskSpec spec) {
        add(spec, control.create(spec.config(domid))).resume();
        onAttach.accept(this);
    }
}
