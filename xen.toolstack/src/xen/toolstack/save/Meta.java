package xen.toolstack.save;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import xen.kernel.api.control.CostModel;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ToolstackException;

/** What a snapshot says in words: the domain's description and the machine's, and how far the run was. */
record Meta(Path file, Words words) {
    static byte[] bytes(DomainSpec s, MachineConfig m, long instructions, long nanos, boolean settled) {
        CostModel c = m.costs();
        return SpecWords.put(s, new Words()).put("instructions", instructions).put("nanos", nanos).put("settled", settled)
                .put("machine-bytes", m.memoryBytes()).put("machine-topology", m.topology()).put("machine-time", m.timeMode()).put("machine-hz", m.tscHz())
                .put("machine-costs", c.exitCycles() + " " + c.switchCycles() + " " + c.smtPercent() + " " + c.warmSocketCycles() + " " + c.warmRemoteCycles() + " "
                        + c.windowNanos())
                .bytes();
    }

    static Meta of(SnapshotFile f) {
        return new Meta(f.path, new Words(f.bytes(SnapshotFormat.META)));
    }

    private <T> T sound(String what, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException | ToolstackException e) {
            throw SnapshotFormat.bad(file, "its description of " + what + " is wrong (" + e.getMessage() + ")");
        }
    }

    boolean settled() { return sound("the run", () -> words.word("settled").equals("true")); }

    /** A number of the run: instructions, nanos. */
    long number(String key) { return sound("the run", () -> words.numbers(key, 1)[0]); }

    /** The domain; its disks are with the tools' state. */
    DomainSpec spec(List<String> disks) { return sound("the domain", () -> SpecWords.spec(words, disks)); }

    MachineConfig machine() {
        return sound("the machine", () -> {
            int[] c = words.smallNumbers("machine-costs", 6);
            return new MachineConfig(words.numbers("machine-bytes", 1)[0], Topology.parse(words.word("machine-topology")), TimeMode.valueOf(words.word("machine-time")), null,
                    null, words.numbers("machine-hz", 1)[0], new CostModel(c[0], c[1], c[2], c[3], c[4], c[5]));
        });
    }
}
