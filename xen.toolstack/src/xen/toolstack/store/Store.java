package xen.toolstack.store;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The xenstore: a tree of small values with owners, watches and transactions, as xenstored keeps it (docs/misc/xenstore.txt). All
 * methods take the one lock and are safe on any thread; what must not happen under it (notifying a guest, calling Java watchers) is
 * queued by {@link #afterwards} and done when the lock is free. The lock is taken inside the core's, never the other way round.
 */
final class Store {
    /** A change that watches may see. {@code exact}: only watches of this very path (a node that went with its parent). */
    record Event(String path, Node node, boolean exact) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Runnable> afterwards = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final TreeMap<Integer, Client> domains = new TreeMap<>();
    private Node live = Node.root();
    private long generation;

    Store() {
        Client self = new Client(0, (p, t) -> { }, Quota.DEFAULT);
        for (String path : List.of("/local/domain", "/vm", "/tool/xenstored", "/libxl")) {
            mkdir(self, 0, path);
        }
    }

    /** Runs with the lock held; queued notifications follow when the outermost holder leaves. */
    <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            List<Runnable> due = List.of();
            if (lock.getHoldCount() == 1) {
                due = List.copyOf(afterwards);
                afterwards.clear();
            }
            lock.unlock();
            due.forEach(Runnable::run);
        }
    }

    void run(Runnable action) {
        locked(() -> {
            action.run();
            return null;
        });
    }

    /** Queues what has to run without the lock; called with it. */
    void afterwards(Runnable action) { afterwards.add(action); }

    // Connections

    Client connect(int domid, Client.Sink sink, Quota quota) {
        return locked(() -> {
            Client c = new Client(domid, sink, quota);
            clients.add(c);
            if (domid != 0) {
                domains.put(domid, c);
                fire(new Event("@introduceDomain", live, true));
            }
            return c;
        });
    }

    /** The client is gone: its watches and transactions go with it, its nodes stay. */
    void disconnect(Client c) {
        run(() -> {
            c.watches.clear();
            c.transactions.clear();
            clients.remove(c);
            if (domains.remove(c.domid, c)) {
                fire(new Event("@releaseDomain", live, true));
            }
        });
    }

    boolean introduced(int domid) { return locked(() -> domid == 0 || domains.containsKey(domid)); }

    // Reading

    byte[] read(Client c, int tx, String path) { return node(c, tx, path).value(); }

    List<String> directory(Client c, int tx, String path) { return List.copyOf(node(c, tx, path).children().keySet()); }

    List<Permission> permissions(Client c, int tx, String path) { return node(c, tx, path).permissions(); }

    Node node(Client c, int tx, String raw) {
        return locked(() -> {
            String path = c.absolute(raw);
            if (tx != 0) {
                transaction(c, tx).touch(path);
            }
            return Tree.read(root(c, tx), path, c.domid);
        });
    }

    // Changing

    void write(Client c, int tx, String raw, byte[] value) {
        String path = c.absolute(raw);
        change(c, tx, path, (root, g) -> Tree.write(root, path, value, c.domid, g));
    }

    void mkdir(Client c, int tx, String raw) {
        String path = c.absolute(raw);
        change(c, tx, path, (root, g) -> Tree.write(root, path, null, c.domid, g));
    }

    void remove(Client c, int tx, String raw) {
        String path = c.absolute(raw);
        change(c, tx, path, (root, g) -> Tree.remove(root, path, c.domid, g));
    }

    void setPermissions(Client c, int tx, String raw, List<Permission> permissions) {
        String path = c.absolute(raw);
        if (!c.privileged() && permissions.size() > c.quota.permissions()) {
            throw new StoreException("ENOSPC", "more than " + c.quota.permissions() + " permissions");
        }
        change(c, tx, path, (root, g) -> Tree.setPermissions(root, path, permissions, c.domid, g));
    }

    private interface Operation { Node apply(Node root, long generation); }

    private void change(Client c, int tx, String path, Operation operation) {
        run(() -> {
            Node before = root(c, tx);
            long g = ++generation;
            Node after = operation.apply(before, g);
            checkQuota(c, before, after, path);
            if (after == before) {
                return;
            }
            List<Event> events = events(before, after, path);
            if (tx == 0) {
                live = after;
                events.forEach(this::fire);
            } else {
                Transaction t = transaction(c, tx);
                t.touch(path);
                t.root = after;
                t.changes.add(new Transaction.Change(root -> operation.apply(root, g), events));
            }
        });
    }

    private static List<Event> events(Node before, Node after, String path) {
        Node now = Tree.find(after, path).orElse(null);
        if (now != null) {
            return List.of(new Event(path, now, false));
        }
        Node gone = Tree.find(before, path).orElseThrow();
        List<String> paths = new ArrayList<>();
        Tree.paths(gone, path, paths);
        List<Event> result = new ArrayList<>();
        for (String p : paths) {
            result.add(new Event(p, Tree.find(before, p).orElseThrow(), !p.equals(path)));
        }
        return result;
    }

    private static void checkQuota(Client c, Node before, Node after, String path) {
        if (c.privileged() || before == after) {
            return;
        }
        Node n = Tree.find(after, path).orElse(null);
        if (n == null) {
            return;
        }
        if (n.size() > c.quota.nodeSize() || Tree.find(after, StorePath.parent(path)).orElseThrow().size() > c.quota.nodeSize() * 4) {
            throw new StoreException("ENOSPC", path + " is larger than " + c.quota.nodeSize() + " bytes");
        }
        if (Tree.find(before, path).isEmpty() && Tree.owned(after, c.domid) > c.quota.nodes()) {
            throw new StoreException("ENOSPC", "domain " + c.domid + " has more than " + c.quota.nodes() + " nodes");
        }
    }

    // Transactions

    int begin(Client c) {
        return locked(() -> {
            if (!c.privileged() && c.transactions.size() >= c.quota.transactions()) {
                throw new StoreException("ENOSPC", "more than " + c.quota.transactions() + " transactions at a time");
            }
            return c.begin(live).id;
        });
    }

    /** Ends a transaction; EAGAIN when another change came between. */
    void end(Client c, int tx, boolean commit) {
        run(() -> {
            Transaction t = transaction(c, tx);
            c.transactions.remove(tx);
            if (commit && t.lost) {
                throw new StoreException("EAGAIN", "the transaction began before the domain was saved");
            }
            if (!commit || t.changes.isEmpty()) {
                return;
            }
            if (t.conflicts(live)) {
                throw new StoreException("EAGAIN", "the store changed meanwhile");
            }
            Node root = live;
            for (Transaction.Change change : t.changes) {
                root = change.apply().apply(root);
            }
            live = root;
            t.changes.forEach(change -> change.events().forEach(this::fire));
        });
    }

    private Transaction transaction(Client c, int tx) {
        Transaction t = c.transactions.get(tx);
        if (t == null) {
            throw new StoreException("ENOENT", "no transaction " + tx);
        }
        return t;
    }

    private Node root(Client c, int tx) { return tx == 0 ? live : transaction(c, tx).root; }

    // Watches

    /** Adds a watch; its first event comes at once. */
    void watch(Client c, String raw, String token) {
        run(() -> {
            boolean special = raw.startsWith("@");
            if (special && !c.privileged()) {
                throw new StoreException("EACCES", raw + " is domain 0's");
            }
            String path = special ? raw : c.absolute(raw);
            String hidden = special || raw.startsWith("/") ? "" : StorePath.home(c.domid) + "/";
            if (c.watches.stream().anyMatch(w -> w.is(path, token))) {
                throw new StoreException("EEXIST", "the watch is there already");
            }
            if (!c.privileged() && c.watches.size() >= c.quota.watches()) {
                throw new StoreException("E2BIG", "more than " + c.quota.watches() + " watches");
            }
            c.watches.add(new Client.Watch(path, token, hidden));
            c.sink.event(raw, token);
        });
    }

    void unwatch(Client c, String raw, String token) {
        run(() -> {
            String path = raw.startsWith("@") ? raw : c.absolute(raw);
            if (!c.watches.removeIf(w -> w.is(path, token))) {
                throw new StoreException("ENOENT", "no such watch");
            }
        });
    }

    /** Forgets watches and transactions (a guest that starts over after kexec or suspend). */
    void reset(Client c) {
        run(() -> {
            c.watches.clear();
            c.transactions.clear();
        });
    }

    private void fire(Event e) {
        for (Client c : List.copyOf(clients)) {
            for (Client.Watch w : List.copyOf(c.watches)) {
                boolean hit = e.exact ? e.path.equals(w.path()) : StorePath.under(e.path, w.path());
                if (hit && (c.privileged() || e.node.mayRead(c.domid))) {
                    c.sink.event(c.shown(e.path.startsWith(w.hidden()) ? e.path.substring(w.hidden().length()) : e.path), w.token());
                }
            }
        }
    }

    // Saving

    /** The node and everything below it, parents first; nothing when it is not there. */
    List<SavedNode> save(String path) {
        return locked(() -> {
            List<SavedNode> all = new ArrayList<>();
            Tree.find(live, path).ifPresent(n -> save(path, n, all));
            return all;
        });
    }

    private static void save(String path, Node n, List<SavedNode> all) {
        all.add(new SavedNode(path, n.value(), n.permissions().stream().map(Permission::toString).toList()));
        n.children().forEach((name, child) -> save((path.equals("/") ? "" : path) + "/" + name, child, all));
    }

    /** How many changes there were; guests see it as the generation of a node. */
    long generation() { return locked(() -> generation); }

    /** Goes on as the store that had these nodes, after so many changes. */
    void load(List<SavedNode> nodes, long changes) {
        run(() -> {
            load(nodes);
            generation = Math.max(generation, changes);
        });
    }

    /** Makes the nodes as domain 0, each with its permissions. */
    void load(List<SavedNode> nodes) {
        Client self = new Client(0, (p, t) -> { }, Quota.DEFAULT);
        run(() -> {
            for (SavedNode n : nodes) {
                write(self, 0, n.path(), n.value());
                setPermissions(self, 0, n.path(), Permission.parseAll(n.permissions()));
            }
        });
    }

    /** Watches and open transactions of a domain that was restored; no event is told for them. */
    void load(Client c, SavedConnection saved) {
        run(() -> {
            c.alias = saved.told() == c.domid ? null : new Alias(saved.told(), c.domid);
            for (SavedConnection.SavedWatch w : saved.watches()) {
                if (c.watches.size() < c.quota.watches()) {
                    c.watches.add(new Client.Watch(w.path(), w.token(), w.hidden()));
                }
            }
            for (int id : saved.transactions()) {
                if (c.transactions.size() < c.quota.transactions()) {
                    Transaction t = new Transaction(id, live);
                    t.lost = true;
                    c.transactions.put(id, t);
                }
            }
        });
    }
}
