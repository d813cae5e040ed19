package xen.toolstack.save;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import xen.kernel.api.control.CostModel;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.EndAction;
import xen.toolstack.api.ToolstackException;

/** What a snapshot says in words: the domain's description and the machine's, as lines {@code key=value} that {@code head} shows. */
final class Meta {
    private final Path file;
    private final Map<String, String> words;

    private Meta(Path file, Map<String, String> words) {
        this.file = file;
        this.words = words;
    }

    static byte[] bytes(DomainSpec s, MachineConfig m, Map<String, String> more) {
        Map<String, String> w = new TreeMap<>(more);
        w.put("name", s.name());
        w.put("uuid", s.uuid().toString());
        w.put("kernel", s.kernel().toAbsolutePath().toString());
        w.put("ramdisk", s.ramdisk() == null ? "" : s.ramdisk().toAbsolutePath().toString());
        w.put("cmdline", s.commandLine());
        w.put("memory", s.memoryMib() + " " + s.maxMemoryMib());
        w.put("vcpus", s.vcpus() + " " + s.maxVcpus());
        w.put("on-poweroff", s.onPoweroff().name());
        w.put("on-reboot", s.onReboot().name());
        w.put("on-crash", s.onCrash().name());
        w.put("weight", s.weight() + " " + s.cap());
        w.put("cpus", String.join(" ", java.util.Arrays.stream(s.cpus().stream().toArray()).mapToObj(Integer::toString).toList()));
        w.put("symbols", s.symbols() == null ? "" : s.symbols().toAbsolutePath().toString());
        w.put("pool", s.pool() == null ? "" : s.pool());
        w.put("machine-bytes", Long.toString(m.memoryBytes()));
        w.put("machine-topology", m.topology().toString());
        w.put("machine-time", m.timeMode().name());
        w.put("machine-hz", Long.toString(m.tscHz()));
        CostModel c = m.costs();
        w.put("machine-costs", c.exitCycles() + " " + c.switchCycles() + " " + c.smtPercent() + " " + c.warmSocketCycles() + " " + c.warmRemoteCycles() + " "
                + c.windowNanos());
        StringBuilder text = new StringBuilder();
        w.forEach((k, v) -> text.append(k).append('=').append(v.replace("\\", "\\\\").replace("\n", "\\n")).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    static Meta of(SnapshotFile f) {
        Map<String, String> w = new TreeMap<>();
        new String(f.bytes(SnapshotFormat.META), StandardCharsets.UTF_8).lines().forEach(l -> {
            int eq = l.indexOf('=');
            if (eq > 0) {
                w.put(l.substring(0, eq), l.substring(eq + 1).replace("\\n", "\n").replace("\\\\", "\\"));
            }
        });
        return new Meta(f.path, w);
    }

    String word(String key) {
        String v = words.get(key);
        if (v == null) {
            throw SnapshotFormat.bad(file, "its description has no " + key);
        }
        return v;
    }

    private long[] numbers(String key, int n) {
        String[] parts = word(key).isEmpty() ? new String[0] : word(key).split(" ");
        long[] v = new long[parts.length];
        for (int i = 0; i < parts.length; i++) {
            if (!parts[i].matches("[0-9]{1,18}")) {
                throw SnapshotFormat.bad(file, key + " is '" + word(key) + "'");
            }
            v[i] = Long.parseLong(parts[i]);
        }
        if (n >= 0 && v.length != n) {
            throw SnapshotFormat.bad(file, key + " is '" + word(key) + "'");
        }
        return v;
    }

    private int small(long v, String key) {
        if (v > Integer.MAX_VALUE) {
            throw SnapshotFormat.bad(file, key + " is " + v);
        }
        return (int) v;
    }

    private Path path(String key) { return word(key).isEmpty() ? null : Path.of(word(key)); }

    /** The domain; its disks are with the tools' state. */
    DomainSpec spec(List<String> disks) {
        try {
            long[] memory = numbers("memory", 2), vcpus = numbers("vcpus", 2), weight = numbers("weight", 2);
            BitSet cpus = new BitSet();
            for (long c : numbers("cpus", -1)) {
                cpus.set(Math.min(small(c, "cpus"), Topology.MAX_PCPUS));
            }
            return new DomainSpec(word("name"), UUID.fromString(word("uuid")), path("kernel"), path("ramdisk"), word("cmdline"), memory[0], memory[1],
                    small(vcpus[0], "vcpus"), small(vcpus[1], "vcpus"), EndAction.valueOf(word("on-poweroff")), EndAction.valueOf(word("on-reboot")),
                    EndAction.valueOf(word("on-crash")), small(weight[0], "weight"), small(weight[1], "cap"), cpus, disks, List.of(), path("symbols"),
                    word("pool").isEmpty() ? null : word("pool"));
        } catch (ToolstackException e) {
            throw e.getMessage().startsWith(file.toString()) ? e : SnapshotFormat.bad(file, "its description of the domain is wrong (" + e.getMessage() + ")");
        } catch (IllegalArgumentException e) {
            throw SnapshotFormat.bad(file, "its description of the domain is wrong (" + e.getMessage() + ")");
        }
    }

    MachineConfig machine() {
        try {
            long[] c = numbers("machine-costs", 6);
            CostModel costs = new CostModel(small(c[0], "costs"), small(c[1], "costs"), small(c[2], "costs"), small(c[3], "costs"), small(c[4], "costs"),
                    small(c[5], "costs"));
            return new MachineConfig(numbers("machine-bytes", 1)[0], Topology.parse(word("machine-topology")), TimeMode.valueOf(word("machine-time")), null, null,
                    numbers("machine-hz", 1)[0], costs);
        } catch (IllegalArgumentException e) {
            throw SnapshotFormat.bad(file, "its description of the machine is wrong (" + e.getMessage() + ")");
        }
    }
}
