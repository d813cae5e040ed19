package xen.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.VcpuContext;

class PageFaultsTest extends MmTestBase {
    private static final int WRITE_TO_READ_ONLY = 7;
    private final long pte = PvGuest.va(PvGuest.L1) + 100 * 8;

    /** The CPU executes one store of that kind under the hook. */
    private boolean store(long va, int size, long value) {
        t.cpu(0).storeStep = (v, page, hook) -> hook.store(va, size, value) ? Exit.BUDGET : Exit.EXCEPTION;
        return PageFaults.fixup(a.vcpu, 0, va, WRITE_TO_READ_ONLY);
    }

    @Test void aStoreToAnL1TableIsDoneWithItsChecks() {
        assertThat(store(pte, 8, a.entry(PLAIN, 7))).isTrue();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(a.entry(PLAIN, 7) | Pte.GLOBAL);
        assertThat(typeCount(PLAIN)).isEqualTo(2);
        assertThat(store(pte, 8, b.entry(PLAIN, 7))).isFalse();
        assertThat(store(pte, 8, a.entry(PvGuest.L4, 7))).isFalse();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(a.entry(PLAIN, 7) | Pte.GLOBAL);
        assertThat(a.domain.counters()).containsEntry("tables.emulated-writes", 1L);
    }

    @Test void aPartOfAnEntryIsMerged() {
        a.mmuUpdate(pteOf(100), a.entry(PLAIN, 7));
        assertThat(store(pte, 1, 5)).as("write-protect by a byte store").isTrue();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(a.entry(PLAIN, 5) | Pte.GLOBAL);
        assertThat(typeCount(PLAIN)).isEqualTo(1);
        assertThat(store(pte + 4, 4, 0x7fff_ffff)).as("a frame past the end").isFalse();
        assertThat(store(pte + 6, 4, 0)).as("across entries").isFalse();
    }

    @Test void storesToHigherTablesAreTheGuestsFault() {
        for (int table = PvGuest.L4; table <= PvGuest.L2; table++) {
            assertThat(store(PvGuest.va(table) + 8, 8, 0)).as("table %d", table).isFalse();
        }
    }

    @Test void storesToOtherReadOnlyPagesAreTheGuestsFault() {
        a.readOnly(PLAIN);
        assertThat(store(PvGuest.va(PLAIN), 8, 0)).isFalse();
        a.readOnly(11);
        a.put(PvGuest.ARGS, 0, a.mfn[11]);
        a.call(2, PvGuest.va(PvGuest.ARGS), 8);
        assertThat(store(PvGuest.va(11), 8, 0)).as("GDT").isFalse();
    }

    @Test void userModeMayNotWriteTables() {
        a.readOnly(PLAIN);
        a.mmuExt(15, a.mfn[PvGuest.L4], 0);
        a.vcpu.context.put32(VcpuContext.MODE, 1);
        assertThat(store(pte, 8, 0)).isFalse();
        a.vcpu.context.put32(VcpuContext.MODE, 0);
    }

    @Test void faultsWithoutAPresentEntryAreTheGuests() {
        assertThat(PageFaults.fixup(a.vcpu, 0, PvGuest.va(300), 4)).isFalse();
        assertThat(PageFaults.fixup(a.vcpu, 0, PvGuest.va(300), 6)).isFalse();
        assertThat(PageFaults.fixup(a.vcpu, 0, MachineToPhys.BASE, 7)).isFalse();
        assertThat(PageFaults.fixup(a.vcpu, 0, 1L << 40, 4)).isFalse();
        assertThat(PageFaults.fixup(a.vcpu, 0, 1L << 60, 4)).isFalse();
    }

    @Test void aFaultThatTheTablesDoNotExplainIsRetriedOnce() {
        assertThat(PageFaults.fixup(a.vcpu, 0, PvGuest.va(PLAIN), WRITE_TO_READ_ONLY)).isTrue();
        assertThat(t.cpu(0).pageFlushes).isEqualTo(1);
        assertThat(PageFaults.fixup(a.vcpu, 0, PvGuest.va(PLAIN), WRITE_TO_READ_ONLY)).as("no progress since").isFalse();
        xen.kernel.testing.FakeCpu.retire(a.vcpu.context, 1);
        assertThat(PageFaults.fixup(a.vcpu, 0, PvGuest.va(PLAIN), WRITE_TO_READ_ONLY)).isTrue();
    }

    @Test void aFetchFromANoExecutePageIsNotSpurious() {
        a.updateVa(PLAIN, a.entry(PLAIN, 7) | Pte.NX);
        assertThat(PageFaults.fixup(a.vcpu, 0, PvGuest.va(PLAIN), 0x15)).isFalse();
        assertThat(PageFaults.fixup(a.vcpu, 0, PvGuest.va(PLAIN), 5)).isTrue();
    }
}
