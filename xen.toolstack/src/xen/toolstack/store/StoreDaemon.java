package xen.toolstack.store;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.event.EventPort;
import xen.toolstack.api.XenStore;
import xen.toolstack.state.Fields;
import xen.toolstack.state.HandOver;

/**
 * xenstored: owns the store and the connections of all domains. {@link #introduce} and {@link #release} are called by the domain manager
 * around a domain's life; requests come in on the timeline. When the tool stack stops, the manager, which depends on it, has taken the
 * connections with their domains ({@link #leave}), and the nodes are left to the next daemon.
 */
@Component(service = StoreDaemon.class, immediate = true)
public final class StoreDaemon {
    private record Connection(StoreRing ring, GrantMapping page, EventPort port) {}

    private final Hypervisor hypervisor;
    private final Store store = new Store();
    private final HandOver handOver;
    private final Map<Integer, Connection> connections = new ConcurrentHashMap<>();
    private final XenStore domainZero;

    @Activate public StoreDaemon(@Reference Hypervisor hypervisor) {
        this.hypervisor = hypervisor;
        domainZero = new DomainZeroStore(store, action -> hypervisor.timeline().post(action));
        handOver = new HandOver(hypervisor, "xenstore", 1);
        handOver.claim(in -> {
            long changes = in.readLong();
            store.load(Fields.list(in, SavedNode::read), changes);
        });
    }

    /** The nodes are left to the next daemon. */
    @Deactivate public void close() {
        handOver.leave(out -> {
            out.writeLong(store.generation());
            Fields.list(out, store.save("/"), (o, n) -> n.write(o));
        });
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
        // the ring and its port need each other: an event that comes before the ring is known is told when it is
        CompletableFuture<StoreRing> ring = new CompletableFuture<>();
        EventPort port = hypervisor.bindInterdomain(domid, remotePort, () -> ring.thenAccept(StoreRing::service));
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
        ring.complete(mine);
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

    /** As {@link #release}, for the next daemon to {@link #introduce} it again; null when it is not connected. */
    public SavedConnection leave(int domid) {
        Connection c = connections.remove(domid);
        if (c == null) {
            return null;
        }
        SavedConnection saved = c.ring.leave();
        c.port.close();
        c.page.close();
        return saved;
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
