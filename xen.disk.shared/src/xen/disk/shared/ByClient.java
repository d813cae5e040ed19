package xen.disk.shared;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import xen.kernel.api.block.DiskClient;

/** What a scheduler keeps of each client, found by the client's number. */
public final class ByClient<T> {
    private final Function<DiskClient, T> maker;
    private final List<T> all = new ArrayList<>();
    private Object[] byId = new Object[16];

    public ByClient(Function<DiskClient, T> maker) { this.maker = maker; }

    @SuppressWarnings("unchecked")
    public T get(DiskClient c) {
        int id = c.id();
        if (id >= byId.length) {
            byId = java.util.Arrays.copyOf(byId, Math.max(id + 1, 2 * byId.length));
        }
        if (byId[id] == null) {
            T made = maker.apply(c);
            byId[id] = made;
            all.add(made);
        }
        return (T) byId[id];
    }

    /** In the order of their first requests. */
    public List<T> all() { return all; }

    public void clear() {
        all.clear();
        byId = new Object[16];
    }
}
