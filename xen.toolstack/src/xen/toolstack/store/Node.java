package xen.toolstack.store;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An immutable node of the store. A change makes new nodes from the changed one up to the root, so a transaction's snapshot is one
 * reference. {@code own} is stamped anew whenever this node's own value, permissions or list of children's names change: conflicts
 * between transactions are found by it.
 *
 * @param generation counts changes below and here (DIRECTORY_PART's generation)
 */
record Node(byte[] value, List<Permission> permissions, TreeMap<String, Node> children, Object own, long generation) {
    private static final byte[] EMPTY = {};

    static Node root() { return new Node(EMPTY, List.of(Permission.none(0)), new TreeMap<>(), new Object(), 0); }

    static Node fresh(List<Permission> permissions, long generation) {
        return new Node(EMPTY, permissions, new TreeMap<>(), new Object(), generation);
    }

    Node withValue(byte[] v, long g) { return new Node(v, permissions, children, new Object(), g); }

    Node withPermissions(List<Permission> p, long g) { return new Node(value, p, children, new Object(), g); }

    /** Replaces or adds (a name that is new changes this node's own list). */
    Node withChild(String name, Node child, long g) {
        TreeMap<String, Node> copy = new TreeMap<>(children);
        boolean added = copy.put(name, child) == null;
        return new Node(value, permissions, copy, added ? new Object() : own, added ? g : generation);
    }

    Node withoutChild(String name, long g) {
        TreeMap<String, Node> copy = new TreeMap<>(children);
        copy.remove(name);
        return new Node(value, permissions, copy, new Object(), g);
    }

    int owner() { return permissions.getFirst().domid(); }

    boolean mayRead(int domid) { return domid == 0 || domid == owner() || rights(domid).read(); }

    boolean mayWrite(int domid) { return domid == 0 || domid == owner() || rights(domid).write(); }

    private Permission rights(int domid) {
        for (int i = 1; i < permissions.size(); i++) {
            if (permissions.get(i).domid() == domid) {
                return permissions.get(i);
            }
        }
        return permissions.getFirst();
    }

    /** Bytes that count against the limit of a node's size. */
    int size() {
        int names = 0;
        for (Map.Entry<String, Node> e : children.entrySet()) {
            names += e.getKey().length() + 1;
        }
        return value.length + permissions.size() * 4 + names;
    }
}
