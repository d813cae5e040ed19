package xen.toolstack.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.EndAction;
import xen.toolstack.api.ToolstackException;

/**
 * The meaning of an xl.cfg file.
 *
 * @param warnings one line a key that has no effect: known to xl but not done here, or unknown
 */
public record XlConfig(DomainSpec spec, List<String> warnings) {
    private static final Set<String> USED = Set.of("name", "uuid", "kernel", "ramdisk", "extra", "root", "cmdline", "memory", "maxmem", "vcpus",
            "maxvcpus", "on_poweroff", "on_reboot", "on_crash", "cpus", "cpu_weight", "cap", "disk", "vif", "type", "builder", "pool");
    /** Keys of xl.cfg(5) that mean something to xl and nothing here (yet). */
    private static final Set<String> LATER = Set.of("bootloader", "bootloader_args", "vnuma", "numa_placement", "tsc_mode", "localtime",
            "rtc_timeoffset", "vtpm", "p9", "pvcalls", "vfb", "channel", "pci", "rdm", "usbctrl", "usbdev", "vkb", "vsnd", "virtio", "on_watchdog",
            "on_soft_reset", "seclabel", "init_seclabel", "cpuid", "max_grant_frames", "max_maptrack_frames", "max_grant_version", "nomigrate",
            "driver_domain", "device_tree", "passthrough", "xend_suspend_evtchn_compat", "claim_mode", "irqs", "ioports", "iomem", "e820_host",
            "dom0_mem", "cpus_soft", "cpu_period", "cpu_slice", "latency", "extratime", "blkdev_start", "vga", "vnc", "sdl", "serial", "acpi",
            "apic", "pae", "hap", "boot", "usb", "usbdevice", "viridian", "firmware", "shadow_memory", "nestedhvm", "altp2m", "device_model_version");

    public static XlConfig read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            throw new ToolstackException(file + ": no such file (the domain's configuration)");
        } catch (IOException e) {
            throw new ToolstackException(file + ": cannot read the configuration: " + e, e);
        }
    }

    static XlConfig parse(String file, String text) {
        Map<String, Object> v = CfgFile.parse(file, text);
        List<String> warnings = new ArrayList<>();
        for (String key : v.keySet()) {
            if (LATER.contains(key)) {
                warnings.add(file + ": " + key + " has no effect here");
            } else if (!USED.contains(key)) {
                warnings.add(file + ": unknown key " + key);
            }
        }
        return new XlConfig(new Reader(file, v).spec(), List.copyOf(warnings));
    }

    private record Reader(String file, Map<String, Object> v) {
        DomainSpec spec() {
            String kind = string("type", string("builder", "pv"));
            if (kind.equals("hvm") || kind.equals("pvh")) {
                throw new ToolstackException(file + ": type = '" + kind + "': only PV guests run here (type = 'pv')");
            }
            String name = required("name");
            String kernel = required("kernel");
            long memory = number("memory", 128);
            int vcpus = (int) number("vcpus", 1);
            String uuid = string("uuid", null);
            String ramdisk = string("ramdisk", null);
            return new DomainSpec(name, uuid == null ? UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)) : uuid(uuid),
                    Path.of(kernel), ramdisk == null ? null : Path.of(ramdisk), commandLine(), memory, Math.max(memory, number("maxmem", memory)),
                    vcpus, (int) Math.max(vcpus, number("maxvcpus", vcpus)), action("on_poweroff", "destroy"), action("on_reboot", "restart"),
                    action("on_crash", "destroy"), (int) number("cpu_weight", DomainSpec.DEFAULT_WEIGHT), (int) number("cap", 0), cpus(),
                    list("disk"), list("vif"), null, string("pool", null));
        }

        private BitSet cpus() {
            Object value = v.get("cpus");
            return value == null ? new BitSet() : CpuList.parse(value instanceof List<?> l ? String.join(",", l.stream().map(Object::toString).toList())
                    : value.toString());
        }

        /** cmdline wins over root and extra, as in xl. */
        private String commandLine() {
            String whole = string("cmdline", null);
            if (whole != null) {
                return whole;
            }
            String root = string("root", null);
            String extra = string("extra", "");
            return root == null ? extra : ("root=" + root + " " + extra).strip();
        }

        private UUID uuid(String text) {
            try {
                return UUID.fromString(text);
            } catch (IllegalArgumentException e) {
                throw new ToolstackException(file + ": uuid = '" + text + "' is no UUID");
            }
        }

        private EndAction action(String key, String otherwise) { return EndAction.parse(key, string(key, otherwise)); }

        private String required(String key) {
            String s = string(key, null);
            if (s == null || s.isEmpty()) {
                throw new ToolstackException(file + ": " + key + " is missing");
            }
            return s;
        }

        private String string(String key, String otherwise) {
            Object value = v.get(key);
            if (value instanceof List) {
                throw new ToolstackException(file + ": " + key + " is a list; a single value is expected");
            }
            return value == null ? otherwise : (String) value;
        }

        private long number(String key, long otherwise) {
            String s = string(key, Long.toString(otherwise));
            if (!s.matches("[0-9]{1,12}")) {
                throw new ToolstackException(file + ": " + key + " = '" + s + "' is no number");
            }
            return Math.min(Long.parseLong(s), Integer.MAX_VALUE);
        }

        private List<String> list(String key) {
            Object value = v.get(key);
            if (value instanceof String) {
                throw new ToolstackException(file + ": " + key + " is a single value; a list is expected: " + key + " = [ '...' ]");
            }
            List<String> result = new ArrayList<>();
            if (value instanceof List<?> l) {
                l.forEach(e -> result.add(e.toString()));
            }
            return result;
        }
    }
}
