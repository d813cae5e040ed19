package xen.toolstack.block;

import java.util.ArrayList;
import java.util.List;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.ManagedVbd;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.XenStore;

/** The virtual disks of one domain; from before its first instruction until before its frames go. */
public final class DomainDisks implements AutoCloseable {
    private record Disk(DiskSpec spec, ManagedVbd vbd, VbdNodes nodes) {}

    private final BlockControl control;
    private final XenStore store;
    private final int domid;
    private final List<Disk> disks = new ArrayList<>();

    public DomainDisks(BlockControl control, XenStore store, int domid) {
        this.control = control;
        this.store = store;
        this.domid = domid;
    }

    /** Opens all images and publishes the devices; when one cannot be opened nothing stays. */
    public void add(List<String> texts) {
        if (texts.isEmpty()) {
            return;
        }
        if (control == null) {
            throw new ToolstackException("disk: this distribution has no block driver; leave it away");
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

    /** One more, while the domain runs or before. */
    public synchronized void attach(DiskSpec spec) {
        if (disks.stream().anyMatch(d -> d.spec.device() == spec.device())) {
            throw new ToolstackException(spec.vdev() + " is in use in this domain; choose another vdev");
        }
        ManagedVbd vbd = control.create(spec.config(domid));
        VbdNodes nodes = new VbdNodes(store, vbd, spec, control.maxIndirectSegments());
        disks.add(new Disk(spec, vbd, nodes));
        nodes.publish();
    }

    /** Names in use, for the choice of the next. */
    public synchronized List<String> names() { return disks.stream().map(d -> d.spec.vdev()).toList(); }

    /** The front end is asked to let go; {@code force} takes it away at once. */
    public void detach(String vdev, boolean force) {
        Disk d;
        synchronized (this) {
            d = disks.stream().filter(x -> x.spec.vdev().equals(vdev)).findFirst()
                    .orElseThrow(() -> new ToolstackException("domain " + domid + " has no disk " + vdev + ": it has " + names()));
            if (force) {
                disks.remove(d);
            }
        }
        if (force) {
            d.nodes.close();
        } else {
            d.nodes.ask();
        }
    }

    /** Looks at the sizes of all images again. */
    public synchronized void refresh() {
        for (Disk d : disks) {
            if (d.vbd.refresh()) {
                d.nodes.resized();
            }
        }
    }

    /** One line a disk. */
    public synchronized List<String> describe() {
        return disks.stream().map(d -> "%d %s %s %s state=%d weight=%d class=%s %s".formatted(domid, d.spec.vdev(), d.spec.target(),
                d.vbd.readOnly() ? "ro" : "rw", d.nodes.state(), d.vbd.config().weight(), d.spec.serviceClass().name().toLowerCase(),
                d.vbd.counters())).toList();
    }

    /** To be called before the domain's frames go. */
    @Override public void close() {
        List<Disk> all;
        synchronized (this) {
            all = List.copyOf(disks);
            disks.clear();
        }
        all.forEach(d -> d.nodes.close());
    }
}
