package xen.toolstack.block;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.block.VbdConfig;
import xen.toolstack.api.ToolstackException;

/**
 * One virtual disk in the words of xl-disk-configuration(5): {@code target, format, vdev, access} by place or by key, and keys of our own:
 * {@code weight=N}, {@code class=interactive|throughput|realtime}, {@code deadline=MS}, {@code reservation=N} and {@code limit=N} requests a
 * second, {@code disk=ssd|hdd|none[:NAME]}, {@code persistent}.
 *
 * @param vdev null = the next free xvd
 * @param disk null = the machine's default
 */
public record DiskSpec(String target, String format, String vdev, boolean readOnly, boolean cdrom, String disk, int weight, ServiceClass serviceClass,
        long deadlineNanos, int reservation, int limit, boolean persistent) {
    /** Most requests a second that can be named. */
    private static final int MOST_REQUESTS = 999_999;

    /** Reads all disks of a domain; those without a name get xvda, xvdb and so on. */
    public static List<DiskSpec> all(List<String> texts) {
        List<DiskSpec> parsed = texts.stream().map(DiskSpec::parse).toList();
        List<DiskSpec> named = new ArrayList<>();
        for (DiskSpec d : parsed) {
            DiskSpec n = d;
            for (int i = 0; n.vdev == null; i++) {
                String free = VirtualDevice.nth(i);
                if (parsed.stream().noneMatch(o -> free.equals(o.vdev)) && named.stream().noneMatch(o -> free.equals(o.vdev))) {
                    n = d.named(free);
                }
            }
            String name = n.vdev;
            if (named.stream().anyMatch(o -> o.device() == VirtualDevice.number(name))) {
                throw new ToolstackException("disk: two disks are called " + name);
            }
            named.add(n);
        }
        return named;
    }

    /** One more for a domain that has those devices already. */
    static DiskSpec next(String text, Set<Integer> used) {
        DiskSpec d = parse(text);
        for (int i = 0; d.vdev == null; i++) {
            if (!used.contains(VirtualDevice.number(VirtualDevice.nth(i)))) {
                return d.named(VirtualDevice.nth(i));
            }
        }
        return d;
    }

    private DiskSpec named(String name) {
        return new DiskSpec(target, format, name, readOnly, cdrom, disk, weight, serviceClass, deadlineNanos, reservation, limit, persistent);
    }

    /** There is no file: the target is a size. */
    private boolean memory() { return format.startsWith("ram") || format.equals("null"); }

    /** Refuses what can be refused before there is a machine: an image that is not there or cannot be used. */
    public void check() {
        if (memory()) {
            return;
        }
        Path file = Path.of(target);
        String wrong = !Files.exists(file) && target.matches(".*, *[a-z]+=.*") ? "no such file: target= takes the rest of the line, put it last"
                : !Files.exists(file) ? "no such file; make one with: truncate -s 1G " + target : Files.isDirectory(file) ? "is a directory"
                : !Files.isReadable(file) ? "no permission to read it" : !readOnly && !Files.isWritable(file) ? "no permission to write it; add ,ro" : null;
        if (wrong != null) {
            throw new ToolstackException("disk = '" + target + "': " + wrong);
        }
    }

    public int device() { return VirtualDevice.number(vdev); }

    public VbdConfig config(int domid) {
        return new VbdConfig(domid, device(), format, target, readOnly, disk, weight, serviceClass, deadlineNanos, reservation, limit);
    }

    static DiskSpec parse(String text) { return new Parser(text).spec(); }

    /** Words by place until the first with a key. */
    private static final class Parser {
        private final String text;
        private String target, format = "raw", vdev, disk;
        private boolean readOnly, cdrom, persistent;
        private int weight = VbdConfig.DEFAULT_WEIGHT, reservation, limit, place;
        private ServiceClass serviceClass = ServiceClass.INTERACTIVE;
        private long deadline;

        Parser(String text) { this.text = text; }

        private ToolstackException wrong(String what) { return new ToolstackException("disk = '" + text + "': " + what); }

        DiskSpec spec() {
            // target= takes the rest of the line, commas and all
            int rest = text.indexOf("target=");
            String words = rest < 0 ? text : text.substring(0, rest);
            if (rest >= 0) {
                target = text.substring(rest + 7).strip();
                place = 4;
            }
            for (String w : words.split(",", -1)) {
                word(w.strip());
            }
            if (target == null || target.isEmpty()) {
                throw wrong(cdrom ? "a drive without a disc is not supported: name its image, or attach it later with xen:block-attach" : "the image is missing");
            }
            if (serviceClass == ServiceClass.REALTIME && deadline == 0) {
                deadline = 50_000_000;
            }
            if (reservation > 0 && serviceClass != ServiceClass.REALTIME) {
                throw wrong("reservation=" + reservation + " is promised to class=realtime only; add that");
            }
            if (limit > 0 && limit < reservation) {
                throw wrong("limit=" + limit + " is less than reservation=" + reservation);
            }
            return new DiskSpec(prefix(), format, vdev, readOnly || cdrom, cdrom, disk, weight, serviceClass, deadline, reservation, limit, persistent);
        }

        /** Old style: file:/x, phy:/dev/x, tap:qcow2:/x, ram:64M. */
        private String prefix() {
            target = target.replaceFirst("^tap2?:(tapdisk:)?", "");
            for (String p : List.of("file:", "phy:", "raw:", "aio:")) {
                if (target.startsWith(p)) {
                    return target.substring(p.length());
                }
            }
            for (String p : List.of("vhd:", "qcow:", "vdi:", "vmdk:", "nbd:", "iscsi:", "drbd:", "qed:")) {
                if (target.startsWith(p)) {
                    throw wrong(p + " is not supported: raw and qcow2 images are; convert it with: qemu-img convert -O qcow2");
                }
            }
            for (String f : List.of("qcow2", "raw-4k", "ram", "ram-4k")) {
                if (target.startsWith(f + ":")) {
                    format = f;
                    return target.substring(f.length() + 1);
                }
            }
            return target;
        }

        private void word(String w) {
            int eq = w.indexOf('=');
            if (eq > 0 && w.substring(0, eq).matches("[a-z-]+")) {
                key(w.substring(0, eq), w.substring(eq + 1));
            } else if (!flag(w)) {
                positional(w);
            }
        }

        private boolean flag(String w) {
            if (w.isEmpty() && place == 0) {
                // the image's place, and nothing there
                target = "";
            }
            switch (w) {
                case "ro", "r" -> readOnly = true;
                case "rw", "w" -> readOnly = false;
                case "cdrom" -> cdrom = true;
                case "persistent" -> persistent = true;
                case "qcow2", "raw", "raw-4k", "ram", "ram-4k" -> {
                    if (target == null) {
                        return false;
                    }
                    format = w;
                }
                // words of xl that choose between its back ends: there is one here
                case "", "discard", "no-discard", "direct-io-safe" -> { }
                default -> { return false; }
            }
            // an empty or used word still takes its place
            place += place > 0 || w.isEmpty() ? 1 : 0;
            return true;
        }

        private void positional(String w) {
            if (place == 0) {
                target = w;
            } else if (w.matches("((xvd|sd|hd)[a-z]{1,2}[0-9]*|d[0-9]+p[0-9]+)(:cdrom)?")) {
                cdrom |= w.endsWith(":cdrom");
                vdev = w.replace(":cdrom", "");
            } else {
                throw wrong("'" + w + "' is not understood: ro, a format (raw, raw-4k, qcow2), a name (xvda) or key=value is expected");
            }
            place++;
        }

        private void key(String key, String value) {
            switch (key) {
                case "format" -> {
                    // bundles may bring more than those that are words of their own; whether there is such a one is known when it is opened
                    if (!value.matches("[a-z][a-z0-9-]{0,15}")) {
                        throw wrong("format=" + value + ": a name like raw or qcow2 is expected");
                    }
                    format = value;
                }
                case "vdev" -> {
                    VirtualDevice.number(value);
                    vdev = value;
                }
                case "access", "mode" -> {
                    if (!flag(value) || value.isEmpty()) {
                        throw wrong(key + "=" + value + ": rw or ro");
                    }
                }
                case "devtype" -> {
                    if (!value.equals("cdrom") && !value.equals("disk")) {
                        throw wrong("devtype=" + value + ": disk or cdrom");
                    }
                    cdrom = value.equals("cdrom");
                }
                case "weight" -> weight = number(key, value, 1, 65535);
                case "class" -> {
                    try {
                        serviceClass = ServiceClass.valueOf(value.toUpperCase(Locale.ROOT));
                    } catch (IllegalArgumentException e) {
                        throw wrong("class=" + value + ": interactive, throughput or realtime are possible");
                    }
                }
                case "deadline" -> deadline = number(key, value, 1, 100_000) * 1_000_000L;
                case "reservation" -> reservation = number(key, value, 1, MOST_REQUESTS);
                case "limit" -> limit = number(key, value, 1, MOST_REQUESTS);
                case "disk", "model" -> disk = value;
                // there is one back end
                case "backendtype" -> {
                    if (!List.of("phy", "tap", "qdisk", "standalone").contains(value)) {
                        throw wrong("backendtype=" + value + ": phy, tap or qdisk; all mean the same here");
                    }
                }
                case "script" -> throw wrong("script=" + value + " would make the disk, and scripts are not run: name an image file or a block device instead");
                case "backend" -> throw wrong("backend=" + value + ": other driver domains than the block driver's own are not supported; leave it out");
                default -> throw wrong("unknown key " + key + ": target, format, vdev, access, devtype, weight, class, deadline, reservation, limit and disk are known");
            }
        }

        private int number(String key, String value, int least, int most) {
            if (!value.matches("[0-9]{1,6}") || Integer.parseInt(value) < least || Integer.parseInt(value) > most) {
                throw wrong(key + "=" + value + ": a number from " + least + " to " + most + " is expected");
            }
            return Integer.parseInt(value);
        }
    }

    /** The same in words, with every path absolute. */
    public String text() {
        StringBuilder s = new StringBuilder("vdev=").append(vdev).append(",format=").append(format).append(readOnly ? ",ro" : ",rw");
        s.append(cdrom ? ",devtype=cdrom" : "").append(disk == null ? "" : ",disk=" + disk).append(",weight=").append(weight);
        s.append(",class=").append(serviceClass.name().toLowerCase(Locale.ROOT));
        s.append(deadlineNanos == 0 ? "" : ",deadline=" + Math.max(1, deadlineNanos / 1_000_000));
        s.append(reservation == 0 ? "" : ",reservation=" + reservation).append(limit == 0 ? "" : ",limit=" + limit).append(persistent ? ",persistent" : "");
        return s.append(",target=").append(memory() ? target : Path.of(target).toAbsolutePath()).toString();
    }
}
