package xen.kernel.save;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.event.EventChannels;
import xen.kernel.event.VcpuInfo;
import xen.kernel.grant.GrantTable;
import xen.kernel.mm.DescriptorTables;
import xen.kernel.mm.DomainMemory;
import xen.kernel.mm.FrameImage;
import xen.kernel.sched.PcpuStates;
import xen.kernel.sched.SchedState;
import xen.kernel.sched.Watchdogs;
import xen.kernel.time.VcpuTime;
import xen.kernel.trap.TrapState;

/**
 * A field that is added to a domain's state and forgotten in a snapshot breaks restored guests, later and silently. So each field that can
 * change is captured and restored, or stands below with the reason why not.
 */
class SavedFieldsTest {
    /** Parts that hold no state of a domain: the machine, and what belongs to it. */
    private static final Set<String> MACHINE = Set.of("Core", "FrameTable", "SchedulerPool", "Dom0Ports$Port", "TlbClock", "HypercallFrame");

    /** A reason, and the fields that it holds for. */
    private static final Map<String, String> NOT_SAVED = Map.of(
            "a domain that has them is refused",
            "Channel.remote Channel.remotePort DomainImpl.reason DomainImpl.crashReport GrantTable.active GrantTable.writers"
                    + " MapTrack.flags MapTrack.inUse MapTrack.lowestFree MapTrack.refs MapTrack.tables",
            "domain 0's ends come anew with its tools",
            "GrantTable.dom0Batches GrantTable.dom0Mappings GrantTable.released DomainImpl.symbols DomainImpl.atStop DomainImpl.stopAt",
            "TLBs begin empty, and so does what is known of them",
            "AddressSpaces.losses AddressSpaces.namedAt AddressSpaces.names AddressSpaces.nextName AddressSpaces.roots AddressSpaces.seen AddressSpaces.upperLosses"
                    + " AddressSpaces.upperSeen DomainTlb.dirty DomainTlb.late DomainTlb.lateCount DescriptorTables.ldt DescriptorTables.ldtUsed",
            "follows from what is saved, or from the configuration",
            "DomainImpl.name DomainMemory.pages DomainMemory.roles EventChannels.pollers EventChannels.virqPort SchedState.polls Allowed.asked Allowed.pool Allowed.set"
                    + " SchedState.allowed VcpuTime.timers AddressSpaces.upperCount AddressSpaces.upperSlots",
            "saved with the domain's counters, by name",
            "Counter.value Counters.byName TrapState.callCounts TrapState.exitCounts TrapState.trapCounts",
            "of the restore itself, or of the end",
            "DomainImpl.resumption DomainImpl.timeOffsetKept DomainMemory.released DomainMemory.releasing DomainMemory.restored",
            "the scheduler's and the pCPUs' business: places are saved with the machine, plugins are met as in a swap",
            "SchedState.pcpu SchedState.pickedBy SchedState.queued");

    private final StateFields fields = new StateFields();

    private Map<Class<?>, Set<String>> parts(String verb) {
        Map<Class<?>, Set<String>> m = new HashMap<>();
        for (Class<?> c : List.of(EventChannels.class, VcpuInfo.class, GrantTable.class, DescriptorTables.class, DomainMemory.class, SchedState.class, Watchdogs.class,
                VcpuTime.class, TrapState.class, VcpuRegisters.class)) {
            m.put(c, Set.of(verb));
        }
        return m;
    }

    @Test void everyFieldOfADomainIsSavedOrSaysWhyNot() {
        Map<Class<?>, Set<String>> capture = parts("capture"), restore = parts("restore");
        capture.put(Capture.class, Set.of("write", "image"));
        capture.put(FrameImage.class, Set.of("of"));
        capture.put(PcpuStates.class, Set.of("capture"));
        restore.put(Restoration.class, Set.of("build", "machine", "domain", "resume", "offsets"));
        restore.put(FrameImage.class, Set.of("take", "describe", "giveBack"));
        restore.put(PcpuStates.class, Set.of("vcpus", "clocks"));
        Set<String> saved = fields.touched(capture, 1);
        saved.retainAll(fields.touched(restore, 2));
        Set<String> all = fields.mutable(List.of(DomainImpl.class, VcpuImpl.class), MACHINE);
        assertThat(all).contains("TrapState.cr4", "SchedState.gang", "VcpuTime.period");
        Set<String> forgotten = new TreeSet<>(all);
        forgotten.removeAll(saved);
        Set<String> reasons = NOT_SAVED.values().stream().flatMap(f -> Stream.of(f.split(" "))).collect(Collectors.toCollection(TreeSet::new));
        forgotten.removeAll(reasons);
        assertThat(forgotten).as("fields of a domain that a snapshot does not keep: capture and restore them, or say here why not").isEmpty();
        reasons.removeIf(f -> all.contains(f) && !saved.contains(f));
        assertThat(reasons).as("fields that need no reason any more").isEmpty();
    }
}
