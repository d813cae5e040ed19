package xen.toolstack.store;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.event.EventPort;
import xen.toolstack.api.XenStore;

/**
 * xenstored: owns the store and the connections of all domains. {@link #introduce} and {@link #release} are called by the domain manager
 * around a domain's life; requests come in on the timeline.
 */
@Component(service = StoreDaemon.class, immediate = true)
public final class StoreDaemon {
    private record Connection(StoreRing ring, GrantMapping page, EventPort port) {}

    private final Hypervisor hypervisor;
    private final Store store = new Store();
    private final Map<Integer, Connection> connections = new ConcurrentHashMap<>();
    private final XenStore domainZero;

    @Activate public StoreDaemon(@Reference Hypervisor hypervisor) {
        this.hypervisor = hypervisor;
        domainZero = new DomainZeroStore(store, action -> hypervisor.timeline().post(action));
    }

    /** Domain 0's connection. */
    public XenStore domainZero() { return domainZero; }

    Store store() { return store; }

    Hypervisor hypervisor() { return hypervisor; }

    /** Connects a domain over the page it granted under {@code grant} and its unbound port. */
    public void introduce(int domid, int grant, int remotePort) { introduce(domid, grant, remotePort, null); }

    /** @param saved how the connection of a restored domain was; null for a new one */
    public void introduce(int domid, int grant, int remotePort, SavedConnection saved) {
        GrantMapping page = hypervisor.mapGrant(domid, grant, false);
        // the ring and its port need each other: an event before the ring is there finds nothing to do
        StoreRing[] ring = new StoreRing[1];
        EventPort port = hypervisor.bindInterdomain(domid, remotePort, () -> {
            if (ring[0] != null) {
                ring[0].service();
            }
        });
        StoreRing mine = new StoreRing(store, domid, page.address(), port::send);
        try {
            if (saved != null) {
                mine.load(saved);
            }
        } catch (RuntimeException e) {
            mine.close();
            port.close();
            page.close();
            throw e;
        }
        ring[0] = mine;
        connections.put(domid, new Connection(mine, page, port));
    }

    /** Disconnects; to be called before the domain's frames go. No effect for a domain that is not connected. */
    public void release(int domid) {
        Connection c = connections.remove(domid);
        if (c != null) {
            c.ring.close();
            c.port.close();
            c.page.close();
        }
    }

    // Saving

    /** The domain's connection as it is, or null when it has none. */
    public SavedConnection save(int domid) {
        Connection c = connections.get(domid);
        return c == null ? null : c.ring.save();
    }

    /** A node and everything below it. */
    public List<SavedNode> nodes(String path) { return store.save(path); }

    /** Makes nodes as they were. */
    public void load(List<SavedNode> nodes) { store.load(nodes); }
}
