package xen.toolstack.command;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import xen.kernel.api.control.LockReport;
import xen.toolstack.api.DomainStats;

/**
 * Figures of a run, as {@code --stats} writes them.
 *
 * @param end why it ended: poweroff, match, crash, timeout, ...
 * @param lock null in virtual time
 */
record Stats(String end, double wallSeconds, double virtualSeconds, List<DomainStats> domains, LockReport lock) {
    String json() {
        long instructions = domains.stream().mapToLong(DomainStats::instructions).sum();
        Map<String, Long> exits = new TreeMap<>();
        Map<String, Long> counters = new TreeMap<>();
        for (DomainStats d : domains) {
            d.counters().forEach((k, n) -> {
                if (k.startsWith("exit.")) {
                    exits.merge(k.substring(5), n, Long::sum);
                } else {
                    counters.merge(k, n, Long::sum);
                }
            });
        }
        StringBuilder s = new StringBuilder("{\n");
        s.append("  \"end\": ").append(quoted(end)).append(",\n");
        s.append("  \"wall_s\": ").append(number(wallSeconds)).append(",\n");
        s.append("  \"virtual_s\": ").append(String.format(Locale.ROOT, "%.9f", virtualSeconds)).append(",\n");
        s.append("  \"instructions\": ").append(instructions).append(",\n");
        s.append("  \"mips\": ").append(number(wallSeconds > 0 ? instructions / wallSeconds / 1e6 : 0)).append(",\n");
        s.append("  \"exits\": ").append(object(exits)).append(",\n");
        s.append("  \"counters\": ").append(object(counters)).append(",\n");
        if (lock != null) {
            s.append("  \"core_lock\": ").append(lock(lock)).append(",\n");
        }
        s.append("  \"vcpus\": [");
        String separator = "\n";
        for (DomainStats d : domains) {
            for (DomainStats.VcpuStats v : d.vcpus()) {
                s.append(separator).append(String.format(Locale.ROOT, "    {\"domain\": %d, \"name\": %s, \"vcpu\": %d, \"instructions\": %d, \"cpu_s\": %.9f}",
                        d.domid(), quoted(d.name()), v.id(), v.instructions(), v.cpuNanos() / 1e9));
                separator = ",\n";
            }
        }
        s.append("\n  ],\n  \"devices\": [");
        separator = "\n";
        for (DomainStats d : domains) {
            for (Map.Entry<String, Map<String, Long>> device : d.devices().entrySet()) {
                s.append(separator).append(String.format(Locale.ROOT, "    {\"domain\": %d, \"device\": %s, \"counters\": %s}", d.domid(), quoted(device.getKey()),
                        object(device.getValue())));
                separator = ",\n";
            }
        }
        return s.append(separator.equals("\n") ? "]\n}\n" : "\n  ]\n}\n").toString();
    }

    private static String lock(LockReport l) {
        StringBuilder s = new StringBuilder(String.format(Locale.ROOT,
                "{\"holds\": %d, \"held_p50_us\": %.1f, \"held_p99_us\": %.1f, \"held_max_us\": %.1f, \"waits\": %d, \"wait_p50_us\": %.1f, \"wait_p99_us\": %.1f, \"wait_max_us\": %.1f, \"works\": {",
                l.holds(), l.heldP50() / 1e3, l.heldP99() / 1e3, l.heldMax() / 1e3, l.waits(), l.waitP50() / 1e3, l.waitP99() / 1e3, l.waitMax() / 1e3));
        String separator = "";
        for (LockReport.Work w : l.works()) {
            s.append(separator).append(String.format(Locale.ROOT, "%s: {\"count\": %d, \"total_us\": %.1f, \"max_us\": %.1f}", quoted(w.name()), w.count(), w.totalNanos() / 1e3, w.maxNanos() / 1e3));
            separator = ", ";
        }
        return s.append("}}").toString();
    }

    private static String number(double d) { return String.format(Locale.ROOT, "%.3f", d); }

    private static String object(Map<String, Long> map) {
        StringBuilder s = new StringBuilder("{");
        map.forEach((k, v) -> s.append(s.length() > 1 ? ", " : "").append(quoted(k)).append(": ").append(v));
        return s.append("}").toString();
    }

    private static String quoted(String s) { return '"' + s.replace("\\", "\\\\").replace("\"", "\\\"") + '"'; }
}
