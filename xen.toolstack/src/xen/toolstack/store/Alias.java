package xen.toolstack.store;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A domain that was restored under another number than it knows: what it names by the old one is its own. Guests keep absolute paths of
 * their home and of their back ends' nodes all their life.
 */
public record Alias(int old, int now) {
    private static final String HOME = "/local/domain/";
    private static final Pattern BACKEND = Pattern.compile("(/local/domain/[0-9]{1,5}/backend/[^/]+/)([0-9]{1,5})(/.*)?");

    /** What a path of the guest's means. */
    public String real(String path) { return swap(path, old, now); }

    /** What the guest calls a path. */
    public String told(String path) { return swap(path, now, old); }

    private static String swap(String path, int from, int to) {
        if (StorePath.under(path, HOME + from)) {
            return HOME + to + path.substring((HOME + from).length());
        }
        Matcher m = BACKEND.matcher(path);
        return m.matches() && m.group(2).equals(Integer.toString(from)) ? m.group(1) + to + (m.group(3) == null ? "" : m.group(3)) : path;
    }
}
