package xen.toolstack.save;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.LongUnaryOperator;
import java.util.regex.Pattern;
import xen.toolstack.store.Alias;
import xen.toolstack.store.SavedNode;

/** Nodes of a saved domain as they shall be for the restored one, which may have another number, name, UUID and frames. Only its own nodes. */
public final class StoreView {
    private StoreView() {}

    /** Where a domain's nodes are, its back ends' with them. */
    public static List<String> roots(int domid, UUID uuid, Collection<Integer> backends) {
        List<String> roots = new ArrayList<>(List.of("/local/domain/" + domid, "/vm/" + uuid));
        backends.forEach(b -> roots.add("/local/domain/" + b + "/backend/vbd/" + domid));
        return roots;
    }

    public static List<SavedNode> of(Path file, List<SavedNode> nodes, int domid, UUID uuid, int nowDomid, UUID nowUuid, String name, LongUnaryOperator frames) {
        Alias alias = new Alias(domid, nowDomid);
        // driver domains have the numbers at the end of the range
        Pattern own = Pattern.compile("(/local/domain/" + domid + "|/vm/" + uuid + "|/local/domain/(0|32[67][0-9]{2})/backend/vbd/" + domid + ")(/.*)?");
        List<SavedNode> out = new ArrayList<>();
        for (SavedNode n : nodes) {
            if (!own.matcher(n.path()).matches()) {
                throw SnapshotFormat.bad(file, "it has a node of somebody else: " + n.path());
            }
            List<String> rights = n.permissions().stream().map(p -> rights(file, p, domid, nowDomid)).toList();
            out.add(new SavedNode(path(n.path(), alias, uuid, nowUuid), value(n, alias, domid, uuid, nowUuid, name, frames), rights));
        }
        return out;
    }

    private static String rights(Path file, String p, int domid, int now) {
        if (p.matches("[nrwb](0|32[67][0-9]{2})")) {
            return p;
        }
        if (p.matches("[nrwb]" + domid)) {
            return p.charAt(0) + Integer.toString(now);
        }
        throw SnapshotFormat.bad(file, "a node has rights '" + p + "'");
    }

    private static String path(String path, Alias alias, UUID uuid, UUID now) {
        return path.startsWith("/vm/" + uuid) ? "/vm/" + now + path.substring(("/vm/" + uuid).length()) : alias.real(path);
    }

    private static byte[] value(SavedNode n, Alias alias, int domid, UUID uuid, UUID now, String name, LongUnaryOperator frames) {
        String text = new String(n.value(), StandardCharsets.ISO_8859_1), home = "/local/domain/" + domid;
        String path = n.path();
        String to;
        if (path.equals(home + "/name") || path.equals("/vm/" + uuid + "/name")) {
            to = name;
        } else if (path.equals(home + "/domid") || path.endsWith("/frontend-id") && path.contains("/backend/")) {
            to = Integer.toString(alias.now());
        } else if (path.equals("/vm/" + uuid + "/uuid")) {
            to = now.toString();
        } else if ((path.equals(home + "/store/ring-ref") || path.equals(home + "/console/ring-ref")) && text.matches("[0-9]{1,12}")) {
            to = Long.toString(Math.max(0, frames.applyAsLong(Long.parseLong(text))));
        } else {
            to = text.startsWith("/") ? path(text, alias, uuid, now) : text;
        }
        return to.getBytes(StandardCharsets.ISO_8859_1);
    }
}
