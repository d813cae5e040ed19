package xen.toolstack.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One entry of a node's permissions: a domain and what it may do. The first entry of a list names the owner and everybody else's rights. */
public record Permission(int domid, boolean read, boolean write) {
    public static Permission none(int domid) { return new Permission(domid, false, false); }

    public static Permission read(int domid) { return new Permission(domid, true, false); }

    public static Permission both(int domid) { return new Permission(domid, true, true); }

    /** {@code n3}, {@code r0}, {@code w5}, {@code b1}: the letters of xs_wire.h. */
    static Permission parse(String text) {
        if (!text.matches("[nrwb][0-9]{1,5}")) {
            throw new StoreException("EINVAL");
        }
        char c = text.charAt(0);
        return new Permission(Integer.parseInt(text.substring(1)), c == 'r' || c == 'b', c == 'w' || c == 'b');
    }

    static List<Permission> parseAll(List<String> texts) {
        List<Permission> result = new ArrayList<>();
        texts.forEach(t -> result.add(parse(t)));
        if (result.isEmpty()) {
            throw new StoreException("EINVAL");
        }
        return List.copyOf(result);
    }

    @Override public String toString() { return (read ? write ? "b" : "r" : write ? "w" : "n") + domid; }

    static byte[] wire(List<Permission> permissions) {
        StringBuilder s = new StringBuilder();
        permissions.forEach(p -> s.append(p).append('\0'));
        return s.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
