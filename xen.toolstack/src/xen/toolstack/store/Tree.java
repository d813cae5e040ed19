package xen.toolstack.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Operations on an immutable root: each gives the new root. Permission checks are made with the caller's domid (0 may do everything).
 * Pure; used by the live store and inside transactions alike.
 */
final class Tree {
    private Tree() {}

    static Optional<Node> find(Node root, String path) {
        Node n = root;
        for (String part : StorePath.parts(path)) {
            n = n.children().get(part);
            if (n == null) {
                return Optional.empty();
            }
        }
        return Optional.of(n);
    }

    /** The node if the domain may read it. What it may not see is EACCES when it exists or could be seen to be missing only by its parent. */
    static Node read(Node root, String path, int domid) {
        Node n = find(root, path).orElse(null);
        if (n == null) {
            throw new StoreException(nearest(root, path).mayRead(domid) ? "ENOENT" : "EACCES", path + " does not exist");
        }
        if (!n.mayRead(domid)) {
            throw new StoreException("EACCES", path + " may not be read by domain " + domid);
        }
        return n;
    }

    /** The deepest ancestor that exists. */
    static Node nearest(Node root, String path) {
        Node n = root;
        for (String part : StorePath.parts(path)) {
            Node next = n.children().get(part);
            if (next == null) {
                break;
            }
            n = next;
        }
        return n;
    }

    /** Writes a value ({@code null} = leave it: MKDIR), making the node and its parents as needed. */
    static Node write(Node root, String path, byte[] value, int domid, long generation) {
        return write(root, StorePath.parts(path), 0, value, domid, generation, path);
    }

    private static Node write(Node n, List<String> parts, int depth, byte[] value, int domid, long g, String path) {
        if (depth == parts.size()) {
            if (!n.mayWrite(domid)) {
                throw new StoreException("EACCES", path + " may not be written by domain " + domid);
            }
            return value == null ? n : n.withValue(value, g);
        }
        String name = parts.get(depth);
        Node child = n.children().get(name);
        if (child != null) {
            Node changed = write(child, parts, depth + 1, value, domid, g, path);
            return changed == child ? n : n.withChild(name, changed, g);
        }
        if (!n.mayWrite(domid)) {
            throw new StoreException("EACCES", path + " may not be made by domain " + domid);
        }
        return n.withChild(name, write(Node.fresh(inherited(n, domid), g), parts, depth + 1, value, domid, g, path), g);
    }

    /** A new node takes its parent's permissions; what an unprivileged domain makes is its own. */
    private static List<Permission> inherited(Node parent, int domid) {
        if (domid == 0) {
            return parent.permissions();
        }
        List<Permission> p = new ArrayList<>(parent.permissions());
        p.set(0, new Permission(domid, p.getFirst().read(), p.getFirst().write()));
        return List.copyOf(p);
    }

    static Node setPermissions(Node root, String path, List<Permission> permissions, int domid, long g) {
        Node n = read(root, path, domid);
        if (domid != 0 && n.owner() != domid) {
            throw new StoreException("EACCES", path + " is not domain " + domid + "'s own");
        }
        // only domain 0 gives nodes away
        if (domid != 0 && permissions.getFirst().domid() != domid) {
            throw new StoreException("EPERM", path + " cannot be given to domain " + permissions.getFirst().domid());
        }
        return replace(root, StorePath.parts(path), 0, n.withPermissions(permissions, g), g);
    }

    /** Removes the node and all under it. A missing node is fine when its parent exists. */
    static Node remove(Node root, String path, int domid, long g) {
        if (path.equals("/")) {
            throw new StoreException("EINVAL", "the root cannot be removed");
        }
        String parentPath = StorePath.parent(path);
        Node n = find(root, path).orElse(null);
        if (n == null) {
            Node parent = find(root, parentPath).orElseThrow(() -> new StoreException("ENOENT", path + " does not exist"));
            if (!parent.mayWrite(domid)) {
                throw new StoreException("EACCES", path + " may not be removed by domain " + domid);
            }
            return root;
        }
        if (!n.mayWrite(domid)) {
            throw new StoreException("EACCES", path + " may not be removed by domain " + domid);
        }
        Node parent = find(root, parentPath).orElseThrow();
        String name = path.substring(path.lastIndexOf('/') + 1);
        return replace(root, StorePath.parts(parentPath), 0, parent.withoutChild(name, g), g);
    }

    private static Node replace(Node n, List<String> parts, int depth, Node with, long g) {
        if (depth == parts.size()) {
            return with;
        }
        String name = parts.get(depth);
        return n.withChild(name, replace(n.children().get(name), parts, depth + 1, with, g), g);
    }

    /** Every path from {@code path} down, parents first. */
    static void paths(Node n, String path, List<String> into) {
        into.add(path);
        n.children().forEach((name, child) -> paths(child, path.equals("/") ? "/" + name : path + "/" + name, into));
    }

    /** Nodes that {@code domid} owns at and below the node. */
    static int owned(Node n, int domid) {
        int count = n.owner() == domid ? 1 : 0;
        for (Node child : n.children().values()) {
            count += owned(child, domid);
        }
        return count;
    }
}
