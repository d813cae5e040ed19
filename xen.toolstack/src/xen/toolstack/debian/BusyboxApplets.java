package xen.toolstack.debian;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Names of the programs inside a busybox binary, read from its sorted table of NUL-ended names, so that the foreign binary is never run here. */
final class BusyboxApplets {
    private static final byte[] START = "\0[\0[[\0".getBytes(StandardCharsets.US_ASCII);
    /** When the table is not found: enough for the init script and a shell. */
    private static final List<String> FEW = List.of("sh", "ash", "cat", "dmesg", "echo", "ls", "mkdir", "mount", "poweroff", "reboot", "setsid",
            "sleep", "uname");

    private BusyboxApplets() {}

    static List<String> of(byte[] busybox) {
        int at = find(busybox);
        List<String> names = new ArrayList<>();
        String last = "";
        while (at >= 0 && at < busybox.length) {
            int end = at;
            while (end < busybox.length && busybox[end] != 0) {
                end++;
            }
            String name = new String(busybox, at, end - at, StandardCharsets.ISO_8859_1);
            if (!name.matches("[a-z0-9_\\[.+-]{1,24}") || name.compareTo(last) <= 0) {
                break;
            }
            names.add(last = name);
            at = end + 1;
        }
        return names.size() < FEW.size() ? FEW : List.copyOf(names);
    }

    private static int find(byte[] data) {
        outer:
        for (int i = 0; i + START.length <= data.length; i++) {
            for (int k = 0; k < START.length; k++) {
                if (data[i + k] != START[k]) {
                    continue outer;
                }
            }
            return i + 1;
        }
        return -1;
    }
}
