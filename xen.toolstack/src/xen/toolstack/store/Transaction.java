package xen.toolstack.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A transaction of one connection: its own root on top of a snapshot, what it looked at, and what it did (to be done again on a store
 * that went on meanwhile). It conflicts when a node it looked at or changed has since changed itself.
 */
final class Transaction {
    /** A change, repeatable on another root, and the paths whose watches it fires. */
    record Change(UnaryOperator<Node> apply, List<Store.Event> events) {}

    final int id;
    private final Node base;
    Node root;
    private final Map<String, Object> seen = new HashMap<>();
    final List<Change> changes = new ArrayList<>();
    /** It began before the domain was saved: what it did is not known any more, so it has to be done again. */
    boolean lost;

    Transaction(int id, Node base) {
        this.id = id;
        this.base = base;
        this.root = base;
    }

    /** Notes that the outcome depends on the path as it was (with its nearest ancestor, when it did not exist). */
    void touch(String path) {
        seen.computeIfAbsent(path, p -> stamp(base, p));
    }

    private static Object stamp(Node root, String path) { return Tree.nearest(root, path).own(); }

    boolean conflicts(Node live) {
        return live != base && seen.entrySet().stream().anyMatch(e -> stamp(live, e.getKey()) != e.getValue());
    }
}
