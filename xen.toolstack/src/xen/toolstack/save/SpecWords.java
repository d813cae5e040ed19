package xen.toolstack.save;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import xen.kernel.api.hw.Topology;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.EndAction;

/** A domain's description in words, but for its disks, which are kept with what is known of them. */
public final class SpecWords {
    private SpecWords() {}

    public static byte[] bytes(DomainSpec spec) { return put(spec, new Words()).bytes(); }

    /** @throws RuntimeException that says what makes no sense */
    public static DomainSpec spec(byte[] words, List<String> disks) { return spec(new Words(words), disks); }

    static Words put(DomainSpec s, Words w) {
        return w.put("name", s.name()).put("uuid", s.uuid()).put("kernel", absolute(s.kernel())).put("ramdisk", absolute(s.ramdisk())).put("cmdline", s.commandLine())
                .put("memory", s.memoryMib() + " " + s.maxMemoryMib()).put("vcpus", s.vcpus() + " " + s.maxVcpus())
                .put("on-poweroff", s.onPoweroff()).put("on-reboot", s.onReboot()).put("on-crash", s.onCrash()).put("weight", s.weight() + " " + s.cap())
                .put("cpus", String.join(" ", Arrays.stream(s.cpus().stream().toArray()).mapToObj(Integer::toString).toList()))
                .put("symbols", absolute(s.symbols())).put("pool", s.pool());
    }

    private static Path absolute(Path p) { return p == null ? null : p.toAbsolutePath(); }

    static DomainSpec spec(Words w, List<String> disks) {
        long[] memory = w.numbers("memory", 2);
        int[] vcpus = w.smallNumbers("vcpus", 2), weight = w.smallNumbers("weight", 2);
        BitSet cpus = new BitSet();
        for (int c : w.smallNumbers("cpus", -1)) {
            cpus.set(Math.min(c, Topology.MAX_PCPUS));
        }
        return new DomainSpec(w.word("name"), UUID.fromString(w.word("uuid")), path(w, "kernel"), path(w, "ramdisk"), w.word("cmdline"), memory[0], memory[1], vcpus[0],
                vcpus[1], EndAction.valueOf(w.word("on-poweroff")), EndAction.valueOf(w.word("on-reboot")), EndAction.valueOf(w.word("on-crash")), weight[0], weight[1],
                cpus, disks, List.of(), path(w, "symbols"), w.word("pool").isEmpty() ? null : w.word("pool"));
    }

    private static Path path(Words w, String key) { return w.word(key).isEmpty() ? null : Path.of(w.word(key)); }
}
