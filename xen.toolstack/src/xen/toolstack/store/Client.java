package xen.toolstack.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One connection to the store: a domain's ring, or the Java side acting as domain 0. Its state is guarded by the store's lock. */
final class Client {
    /** Where this connection's watch events go; called with the store's lock held, must only queue. */
    @FunctionalInterface
    interface Sink {
        void event(String path, String token);
    }

    /** @param hidden prefix that is cut from event paths, because the client watched by a relative path */
    record Watch(String path, String token, String hidden) {
        boolean is(String p, String t) { return path.equals(p) && token.equals(t); }
    }

    final int domid;
    final Sink sink;
    final Quota quota;
    final List<Watch> watches = new ArrayList<>();
    final Map<Integer, Transaction> transactions = new HashMap<>();
    /** A clone's other number; null for everybody else. */
    Alias alias;
    private int lastTransaction;

    Client(int domid, Sink sink, Quota quota) {
        this.domid = domid;
        this.sink = sink;
        this.quota = quota;
    }

    /** The absolute form of what it wrote. */
    String absolute(String raw) {
        String path = StorePath.absolute(raw, domid);
        return alias == null ? path : alias.real(path);
    }

    /** What it is told of a path. */
    String shown(String path) { return alias == null ? path : alias.told(path); }

    boolean privileged() { return domid == 0; }

    Transaction begin(Node root) {
        do {
            lastTransaction = lastTransaction == Integer.MAX_VALUE ? 1 : lastTransaction + 1;
        } while (transactions.containsKey(lastTransaction));
        Transaction t = new Transaction(lastTransaction, root);
        transactions.put(t.id, t);
        return t;
    }
}
