package xen.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.VcpuContext;

class MmuExtOpTest extends MmTestBase {
    private static final int NEW_BASEPTR = 5, SET_LDT = 13, NEW_USER_BASEPTR = 15, CLEAR_PAGE = 16, COPY_PAGE = 17;

    @Test void aTableIsPinnedOnceAndUnpinnedOnce() {
        a.readOnly(PLAIN);
        assertThat(a.pin(1, PLAIN)).isZero();
        assertThat(a.pin(1, PLAIN)).as("twice").isEqualTo(EINVAL);
        assertThat(a.pin(2, PLAIN)).as("as something else").isEqualTo(EBUSY);
        assertThat(a.unpin(PLAIN)).isZero();
        assertThat(a.unpin(PLAIN)).as("not pinned").isEqualTo(EINVAL);
        assertThat(a.unpin(11)).as("never pinned").isEqualTo(EINVAL);
    }

    @Test void aPageThatIsMappedWritableCannotBePinned() {
        for (int level = 1; level <= 4; level++) {
            assertThat(a.pin(level, PLAIN)).isEqualTo(EBUSY);
        }
    }

    @Test void aPinnedTableCannotBeMappedWritableUntilItIsUnpinned() {
        a.readOnly(PLAIN);
        a.pin(1, PLAIN);
        assertThat(a.updateVa(PLAIN, a.entry(PLAIN, 7))).isEqualTo(EBUSY);
        a.unpin(PLAIN);
        assertThat(a.updateVa(PLAIN, a.entry(PLAIN, 7))).isZero();
    }

    @Test void foreignAndHypervisorFramesCannotBePinned() {
        assertThat(a.mmuExt(0, b.mfn[PLAIN], 0)).isEqualTo(EPERM);
        assertThat(a.mmuExt(0, frames().m2p.firstMfn(), 0)).isEqualTo(EPERM);
        assertThat(a.mmuExt(0, frames().memory.frames, 0)).isEqualTo(EPERM);
        assertThat(a.mmuExt(0, -1, 0)).isEqualTo(EPERM);
        assertThat(a.mmuExt(4, b.mfn[PvGuest.L4], 0)).as("unpin another domain's root").isEqualTo(EPERM);
    }

    @Test void validationOfAWholeTreeFailsAsAWhole() {
        int l4 = 11, l3 = 12, l2 = 13, l1 = 14;
        a.put(l4, 0, a.entry(l3, 7));
        a.put(l3, 0, a.entry(l2, 7));
        a.put(l2, 0, a.entry(PvGuest.L1, 7));
        a.put(l2, 1, a.entry(l1, 7));
        a.put(l1, 0, a.entry(15, 7));
        a.put(l1, 1, a.entry(l4, 7));
        for (int p = l4; p <= l1; p++) {
            a.readOnly(p);
        }
        assertThat(a.pin(4, l4)).as("its L1 maps the L4 writable").isEqualTo(EBUSY);
        for (int p = l4; p <= l1; p++) {
            assertThat(typeCount(p)).as("page %d", p).isZero();
        }
        audit();
        a.put(l1, 1, a.entry(l4, 5));
        assertThat(a.pin(4, l4)).isZero();
        assertThat(type(l1)).isEqualTo(FrameTable.L1);
        assertThat(a.unpin(l4)).isZero();
        assertThat(typeCount(l1)).isZero();
    }

    @Test void aTableThatContainsItselfIsRefusedAtEveryLevel() {
        a.readOnly(PLAIN);
        for (int level = 2; level <= 4; level++) {
            a.put(PLAIN, 5, a.entry(PLAIN, 7));
            assertThat(a.pin(level, PLAIN)).as("level %d", level).isEqualTo(EBUSY);
        }
        a.put(PLAIN, 5, a.entry(PLAIN, 7));
        assertThat(a.pin(1, PLAIN)).as("an L1 that maps itself writable").isEqualTo(EBUSY);
        a.put(PLAIN, 5, a.entry(PLAIN, 5));
        assertThat(a.pin(1, PLAIN)).as("an L1 that maps itself read-only").isZero();
        assertThat(a.unpin(PLAIN)).isZero();
    }

    @Test void hypervisorSlotsOfANewL4AreNotTakenFromTheGuest() {
        a.put(PLAIN, 256, b.entry(PvGuest.L3, 7));
        a.put(PLAIN, 271, -1L);
        a.readOnly(PLAIN);
        assertThat(a.pin(4, PLAIN)).isZero();
        assertThat(a.get(PLAIN, 256)).isEqualTo(frames().m2p.l4Entry());
        assertThat(a.get(PLAIN, 271)).isZero();
    }

    @Test void aNewRootMustBeAnL4() {
        assertThat(a.mmuExt(NEW_BASEPTR, a.mfn[PvGuest.L3], 0)).isEqualTo(EBUSY);
        assertThat(a.mmuExt(NEW_BASEPTR, a.mfn[PLAIN], 0)).isEqualTo(EBUSY);
        assertThat(a.mmuExt(NEW_BASEPTR, b.mfn[PvGuest.L4], 0)).isEqualTo(EPERM);
        assertThat(a.mmuExt(NEW_BASEPTR, 0, 0)).isEqualTo(EPERM);
        assertThat(a.mmuExt(NEW_USER_BASEPTR, b.mfn[PvGuest.L4], 0)).isEqualTo(EPERM);
        assertThat(a.vcpu.context.get64(VcpuContext.KERNEL_ROOT)).isEqualTo(a.mfn[PvGuest.L4]);
    }

    @Test void theRootStaysATableWhenItIsUnpinned() {
        assertThat(a.unpin(PvGuest.L4)).isZero();
        assertThat(type(PvGuest.L4)).isEqualTo(FrameTable.L4);
        assertThat(a.updateVa(PvGuest.L4, a.entry(PvGuest.L4, 7))).as("still in use as root").isEqualTo(EBUSY);
        assertThat(a.pin(4, PvGuest.L4)).isZero();
    }

    @Test void userRootsComeAndGo() {
        a.readOnly(PLAIN);
        assertThat(a.mmuExt(NEW_USER_BASEPTR, a.mfn[PLAIN], 0)).isZero();
        assertThat(type(PLAIN)).isEqualTo(FrameTable.L4);
        assertThat(a.mmuExt(NEW_USER_BASEPTR, 0, 0)).isZero();
        assertThat(a.vcpu.context.get64(VcpuContext.USER_ROOT)).isZero();
        assertThat(typeCount(PLAIN)).isZero();
    }

    @Test void clearAndCopyNeedWritableFramesOfOnesOwn() {
        a.put(11, 0, 42);
        assertThat(a.mmuExt(COPY_PAGE, a.mfn[PLAIN], a.mfn[11])).isZero();
        assertThat(a.get(PLAIN, 0)).isEqualTo(42);
        assertThat(a.mmuExt(CLEAR_PAGE, a.mfn[PLAIN], 0)).isZero();
        assertThat(a.get(PLAIN, 0)).isZero();
        assertThat(t.cpu(0).contentChanges).contains((int) a.mfn[PLAIN]);
        assertThat(a.mmuExt(CLEAR_PAGE, a.mfn[PvGuest.L1], 0)).isEqualTo(EBUSY);
        assertThat(a.mmuExt(CLEAR_PAGE, b.mfn[PLAIN], 0)).isEqualTo(EPERM);
        assertThat(a.mmuExt(COPY_PAGE, a.mfn[PLAIN], b.mfn[11])).isEqualTo(EPERM);
        assertThat(a.mmuExt(COPY_PAGE, a.mfn[PLAIN], frames().m2p.firstMfn())).isEqualTo(EPERM);
        assertThat(a.mmuExt(COPY_PAGE, a.mfn[PLAIN], -1)).isEqualTo(EPERM);
    }

    @Test void anL1PageOfOnesOwnMayBeCopiedFrom() {
        assertThat(a.mmuExt(COPY_PAGE, a.mfn[PLAIN], a.mfn[PvGuest.L1])).isZero();
    }

    @Test void unknownOperationsAreRefused() {
        assertThat(a.mmuExt(14, 0, 0)).isEqualTo(ENOSYS);
        assertThat(a.mmuExt(19, 0, 0)).isEqualTo(ENOSYS);
        assertThat(a.mmuExt(99, 0, 0)).isEqualTo(ENOSYS);
        assertThat(a.mmuExt(-1, 0, 0)).isEqualTo(ENOSYS);
        assertThat(a.mmuExt(12, 0, 0)).isEqualTo(EACCES);
    }

    @Test void flushesAreAcceptedForAnyMaskAndAddress() {
        a.put(PvGuest.ARGS, 8, -1L);
        for (int op = 6; op <= 11; op++) {
            assertThat(a.mmuExt(op, MachineToPhys.BASE, PvGuest.va(PvGuest.ARGS) + 64)).as("op %d", op).isZero();
        }
        assertThat(a.mmuExt(8, 0, PvGuest.va(300))).as("mask not readable").isEqualTo(EFAULT);
    }

    @Test void theLdtIsCheckedWhenASelectorNeedsIt() {
        a.put(PLAIN, 1, 0x00af_9b00_0000_ffffL);
        a.readOnly(PLAIN);
        assertThat(a.mmuExt(SET_LDT, PvGuest.va(PLAIN), 8)).isZero();
        assertThat(typeCount(PLAIN)).isZero();
        assertThat(a.vcpu.descriptors.lookup(0xc)).as("DPL raised to 3").isEqualTo(0x00af_fb00_0000_ffffL);
        assertThat(type(PLAIN)).isEqualTo(FrameTable.SEGDESC);
        assertThat(a.updateVa(PLAIN, a.entry(PLAIN, 7))).as("an LDT page cannot be written").isEqualTo(EBUSY);
        assertThat(a.vcpu.descriptors.lookup(8 * 8 | 4)).as("past the end").isZero();
        assertThat(a.mmuExt(SET_LDT, 0, 0)).isZero();
        assertThat(typeCount(PLAIN)).isZero();
        assertThat(a.vcpu.descriptors.lookup(0xc)).isZero();
    }

    @Test void unmappingAnLdtPageLetsItGo() {
        a.readOnly(PLAIN);
        a.mmuExt(SET_LDT, PvGuest.va(PLAIN), 8);
        a.vcpu.descriptors.lookup(4);
        assertThat(a.updateVa(PLAIN, 0)).isZero();
        assertThat(typeCount(PLAIN)).isZero();
        assertThat(a.vcpu.descriptors.lookup(4)).isZero();
    }

    @Test void anLdtPageThatIsWritableOrNotThereGivesNoDescriptors() {
        a.put(PLAIN, 1, 0x00af_fb00_0000_ffffL);
        a.mmuExt(SET_LDT, PvGuest.va(PLAIN), 600);
        assertThat(a.vcpu.descriptors.lookup(0xc)).as("mapped writable").isZero();
        a.mmuExt(SET_LDT, PvGuest.va(300), 8);
        assertThat(a.vcpu.descriptors.lookup(0xc)).as("not mapped").isZero();
        a.readOnly(11);
        a.put(11, 0, 0x0000_8900_0000_0067L);
        a.mmuExt(SET_LDT, PvGuest.va(11), 8);
        assertThat(a.vcpu.descriptors.lookup(4)).as("holds a TSS").isZero();
    }

    @Test void badLdtsAreRefused() {
        assertThat(a.mmuExt(SET_LDT, PvGuest.va(PLAIN) + 8, 8)).isEqualTo(EINVAL);
        assertThat(a.mmuExt(SET_LDT, PvGuest.va(PLAIN), 8193)).isEqualTo(EINVAL);
        assertThat(a.mmuExt(SET_LDT, MachineToPhys.BASE, 8)).isEqualTo(EINVAL);
        assertThat(a.mmuExt(SET_LDT, 1L << 60, 8)).isEqualTo(EINVAL);
    }

    @Test void aTypeChangeFlushesEveryCpuThatMayHoldTheOldTranslation() {
        a.memory().markDirty(0);
        a.memory().markDirty(1);
        a.readOnly(PLAIN);
        assertThat(t.cpu(0).forgotten).isEmpty();
        a.pin(1, PLAIN);
        assertThat(t.cpu(0).forgotten).containsExactly((int) a.mfn[PLAIN]);
        assertThat(t.cpu(1).forgotten).containsExactly((int) a.mfn[PLAIN]);
        assertThat(a.domain.counters()).containsEntry("flushes.needed", 2L);
    }

    @Test void aCpuThatWasFlushedSinceIsNotFlushedAgain() {
        a.readOnly(PLAIN);
        a.readOnly(11);
        a.memory().markDirty(0);
        a.memory().flushDomain();
        a.memory().markDirty(0);
        a.pin(1, PLAIN);
        a.pin(1, 11);
        assertThat(t.cpu(0).forgotten).isEmpty();
        assertThat(a.domain.counters()).containsEntry("flushes.avoided", 2L);
    }

    @Test void aCpuThatNeverRanTheDomainIsNotFlushed() {
        b.memory().markDirty(0);
        a.readOnly(PLAIN);
        a.pin(1, PLAIN);
        assertThat(t.cpu(0).forgotten).isEmpty();
    }
}
