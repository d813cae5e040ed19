package xen.toolstack.store;

import java.util.List;

/** Paths of the store: absolute up to 3072 characters, relative ones (to a domain's home) up to 2048. */
final class StorePath {
    private static final int MAX_ABSOLUTE = 3072, MAX_RELATIVE = 2048;

    private StorePath() {}

    static String home(int domid) { return "/local/domain/" + domid; }

    /** The absolute form of what {@code domid} wrote; refuses what is no path. */
    static String absolute(String path, int domid) {
        boolean absolute = path.startsWith("/");
        if (path.isEmpty() || path.length() > (absolute ? MAX_ABSOLUTE : MAX_RELATIVE) || !legal(path)) {
            throw new StoreException("EINVAL", "'" + path + "' is not a xenstore path");
        }
        return absolute ? path : home(domid) + "/" + path;
    }

    private static boolean legal(String path) {
        if (path.equals("/")) {
            return true;
        }
        if (path.endsWith("/") || path.contains("//")) {
            return false;
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-/_@".indexOf(c) >= 0)) {
                return false;
            }
        }
        return true;
    }

    static List<String> parts(String absolute) {
        return absolute.equals("/") ? List.of() : List.of(absolute.substring(1).split("/"));
    }

    static String parent(String absolute) {
        int slash = absolute.lastIndexOf('/');
        return slash <= 0 ? "/" : absolute.substring(0, slash);
    }

    /** True when {@code path} is {@code top} or below it. */
    static boolean under(String path, String top) {
        return path.equals(top) || top.equals("/") || path.startsWith(top) && path.charAt(top.length()) == '/';
    }
}
