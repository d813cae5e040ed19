package xen.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MmuUpdateTest extends MmTestBase {
    @Test void aPresentEntryIsWrittenWithUserAndTheKernelMark() {
        assertThat(a.mmuUpdate(pteOf(100), a.entry(PLAIN, 3))).isZero();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(a.entry(PLAIN, 3) | Pte.USER | Pte.GUEST_KERNEL);
        assertThat(typeCount(PLAIN)).isEqualTo(2);
    }

    @Test void aUserEntryBecomesGlobal() {
        assertThat(a.mmuUpdate(pteOf(100), a.entry(PLAIN, 7))).isZero();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(a.entry(PLAIN, 7) | Pte.GLOBAL);
    }

    @Test void theAdjustedEntryCanBeWrittenBackAsItWasRead() {
        a.mmuUpdate(pteOf(100), a.entry(PLAIN, 3));
        long read = a.get(PvGuest.L1, 100);
        assertThat(a.mmuUpdate(pteOf(100), read & ~Pte.RW)).isZero();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(read & ~Pte.RW);
    }

    @Test void anAbsentEntryMayHoldAnything() {
        assertThat(a.mmuUpdate(pteOf(100), 0xfffffffffffffffeL)).isZero();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(0xfffffffffffffffeL);
    }

    @Test void unmappingGivesUpTheReferences() {
        int before = frames().refs((int) a.mfn[PLAIN]);
        a.mmuUpdate(pteOf(100), a.entry(PLAIN, 7), pteOf(100), 0);
        assertThat(frames().refs((int) a.mfn[PLAIN])).isEqualTo(before);
        assertThat(a.done()).isEqualTo(2);
    }

    @Test void aFrameOfAnotherDomainCannotBeMapped() {
        assertThat(a.mmuUpdate(pteOf(100), b.entry(PLAIN, 5))).isEqualTo(EPERM);
        assertThat(a.mmuUpdate(pteOf(100), b.entry(PLAIN, 7))).isEqualTo(EPERM);
        assertThat(a.get(PvGuest.L1, 100)).isZero();
    }

    @Test void aFrameOfTheHypervisorCannotBeMapped() {
        assertThat(a.mmuUpdate(pteOf(100), (long) frames().m2p.firstMfn() << 12 | 5)).isEqualTo(EPERM);
        assertThat(a.mmuUpdate(pteOf(100), 5)).isEqualTo(EPERM);
    }

    @Test void aFreeFrameCannotBeMapped() {
        assertThat(a.mmuUpdate(pteOf(100), (long) (frames().memory.frames - 1) << 12 | 5)).isEqualTo(EPERM);
    }

    @Test void aFramePastTheEndOfMemoryCannotBeMapped() {
        assertThat(a.mmuUpdate(pteOf(100), (long) frames().memory.frames << 12 | 5)).isEqualTo(EPERM);
        assertThat(a.mmuUpdate(pteOf(100), Pte.FRAME | 5)).isEqualTo(EPERM);
        assertThat(a.mmuUpdate(pteOf(100), 1L << 44 | 5)).isEqualTo(EPERM);
    }

    @Test void aPageTableCanBeMappedReadOnlyButNotWritable() {
        for (int table = PvGuest.L4; table <= PvGuest.L1; table++) {
            assertThat(a.mmuUpdate(pteOf(100), a.entry(table, 7))).as("table %d", table).isEqualTo(EBUSY);
            assertThat(a.mmuUpdate(pteOf(100), a.entry(table, 5))).as("table %d", table).isZero();
        }
        assertThat(a.mmuUpdate(pteOf(PvGuest.L1), a.entry(PvGuest.L1, 7))).isEqualTo(EBUSY);
    }

    @Test void cacheAttributesAndLargePagesAreRefused() {
        for (long bit : new long[] {Pte.PWT, Pte.PCD, Pte.PSE}) {
            assertThat(a.mmuUpdate(pteOf(100), a.entry(PLAIN, 7 | bit))).as("L1 bit %x", bit).isEqualTo(EINVAL);
            assertThat(a.mmuUpdate(pteOf(PLAIN), a.get(PvGuest.L1, PLAIN) | bit)).as("L1 bit %x, same frame", bit).isEqualTo(EINVAL);
        }
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 1), a.entry(PLAIN, 7 | Pte.PSE))).isEqualTo(EINVAL);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 0), a.get(PvGuest.L2, 0) | Pte.PSE)).isEqualTo(EINVAL);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L3, 1), a.entry(PLAIN, 7 | Pte.PSE))).isEqualTo(EINVAL);
    }

    @Test void aTableEntryNeedsATableOfTheNextLowerLevel() {
        assertThat(a.mmuUpdate(a.machine(PvGuest.L4, 1), a.entry(PvGuest.L2, 7))).isEqualTo(EBUSY);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L4, 1), a.entry(PvGuest.L4, 7))).as("linear page table").isEqualTo(EBUSY);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L3, 1), a.entry(PvGuest.L3, 7))).isEqualTo(EBUSY);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L3, 1), a.entry(PvGuest.L1, 7))).isEqualTo(EBUSY);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 1), a.entry(PvGuest.L2, 7))).isEqualTo(EBUSY);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 1), a.entry(PLAIN, 7))).as("still mapped writable").isEqualTo(EBUSY);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 1), b.entry(PvGuest.L1, 7))).as("another domain's table").isEqualTo(EPERM);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 1), (long) frames().memory.frames << 12 | 7)).isEqualTo(EPERM);
    }

    @Test void anL1TableCanBeSharedByTwoEntries() {
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 1), a.entry(PvGuest.L1, 7))).isZero();
        assertThat(typeCount(PvGuest.L1)).isEqualTo(2);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 1), 0)).isZero();
        assertThat(typeCount(PvGuest.L1)).isEqualTo(1);
    }

    @Test void aNewTableIsValidatedWhenItIsHookedUp() {
        a.put(PLAIN, 3, a.entry(11, 3));
        a.readOnly(PLAIN);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 1), a.entry(PLAIN, 3))).isZero();
        assertThat(type(PLAIN)).isEqualTo(FrameTable.L1);
        assertThat(a.get(PLAIN, 3)).isEqualTo(a.entry(11, 7) | Pte.GUEST_KERNEL);
        assertThat(a.get(PvGuest.L2, 1) & Pte.USER).isNotZero();
    }

    @Test void aNewTableWithABadEntryIsRefusedAndLeftAlone() {
        a.put(PLAIN, 3, a.entry(11, 3));
        a.put(PLAIN, 511, b.entry(11, 3));
        a.readOnly(PLAIN);
        int refs = frames().refs((int) a.mfn[11]);
        assertThat(a.mmuUpdate(a.machine(PvGuest.L2, 1), a.entry(PLAIN, 3))).isEqualTo(EPERM);
        assertThat(a.get(PLAIN, 3)).as("not adjusted").isEqualTo(a.entry(11, 3));
        assertThat(frames().refs((int) a.mfn[11])).isEqualTo(refs);
        assertThat(typeCount(PLAIN)).isZero();
        assertThat(a.updateVa(PLAIN, a.entry(PLAIN, 7))).as("it can be written again").isZero();
    }

    @Test void hypervisorSlotsOfAnL4AreRefused() {
        for (int slot = 256; slot <= 271; slot++) {
            assertThat(a.mmuUpdate(a.machine(PvGuest.L4, slot), 0)).as("slot %d", slot).isEqualTo(EINVAL);
            assertThat(a.mmuUpdate(a.machine(PvGuest.L4, slot), a.entry(PvGuest.L3, 7))).as("slot %d", slot).isEqualTo(EINVAL);
        }
        assertThat(a.mmuUpdate(a.machine(PvGuest.L4, 255), a.entry(PvGuest.L3, 7))).isZero();
        assertThat(a.mmuUpdate(a.machine(PvGuest.L4, 272), a.entry(PvGuest.L3, 7))).isZero();
    }

    @Test void hypervisorSlotsAreInstalledOnValidation() {
        assertThat(a.get(PvGuest.L4, 256)).isEqualTo(frames().m2p.l4Entry());
        assertThat(a.get(PvGuest.L4, 257)).isZero();
    }

    @Test void theMachineToPhysicalTableIsReadableThroughTheGuestsRoot() {
        long va = MachineToPhys.BASE + a.mfn[PLAIN] * 8;
        long host = t.cpu(0).translate(a.vcpu.context, va, xen.kernel.api.hw.Cpu.READ);
        assertThat(xen.kernel.api.hw.Raw.get64(host)).isEqualTo(PLAIN);
        assertThat(t.cpu(0).translate(a.vcpu.context, va, xen.kernel.api.hw.Cpu.WRITE)).isEqualTo(-1);
        assertThat(t.cpu(0).translate(a.vcpu.context, va, xen.kernel.api.hw.Cpu.EXECUTE)).isEqualTo(-1);
    }

    @Test void aRequestOnAnotherDomainsTableIsRefused() {
        assertThat(a.mmuUpdate(b.machine(PvGuest.L1, 3), 0)).isEqualTo(EPERM);
        assertThat(a.mmuUpdate((long) frames().m2p.firstMfn() << 12, 0)).isEqualTo(EPERM);
        assertThat(a.mmuUpdate((long) frames().memory.frames << 12, 0)).isEqualTo(EPERM);
        assertThat(a.mmuUpdate(-8L, 0)).isEqualTo(EPERM);
    }

    @Test void aForeignDomainCannotBeNamed() {
        a.put(PvGuest.ARGS, 0, pteOf(100));
        assertThat(a.call(1, PvGuest.va(PvGuest.ARGS), 1, 0, 2)).isEqualTo(EPERM);
        assertThat(a.call(1, PvGuest.va(PvGuest.ARGS), 1, 0, 77)).isEqualTo(ESRCH);
        assertThat(a.call(1, PvGuest.va(PvGuest.ARGS), 1, 0, DomIds.XEN)).isEqualTo(EPERM);
        assertThat(a.call(1, PvGuest.va(PvGuest.ARGS), 1, 0, DomIds.SELF | 3 << 16)).as("table owner 2").isEqualTo(EPERM);
        assertThat(a.call(1, PvGuest.va(PvGuest.ARGS), 1, 0, 1)).as("its own number is fine").isZero();
    }

    @Test void aFrameThatIsNoTableIsWrittenPlainly() {
        assertThat(a.mmuUpdate(a.machine(PLAIN, 5), 0x1234)).isZero();
        assertThat(a.get(PLAIN, 5)).isEqualTo(0x1234);
        assertThat(t.cpu(0).contentChanges).contains((int) a.mfn[PLAIN]);
    }

    @Test void aDescriptorPageCannotBeWrittenByIt() {
        a.readOnly(PLAIN);
        a.put(PvGuest.ARGS, 0, a.mfn[PLAIN]);
        assertThat(a.call(2, PvGuest.va(PvGuest.ARGS), 8)).isZero();
        assertThat(a.mmuUpdate(a.machine(PLAIN, 0), 0x1234)).isEqualTo(EBUSY);
    }

    @Test void accessedAndDirtyBitsArePreservedOnlyOnDemand() {
        a.mmuUpdate(pteOf(100), a.entry(PLAIN, 7));
        a.put(PvGuest.L1, 100, a.get(PvGuest.L1, 100) | Pte.ACCESSED | Pte.DIRTY);
        assertThat(a.mmuUpdate(pteOf(100) | 2, a.entry(PLAIN, 5))).isZero();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(a.entry(PLAIN, 5) | Pte.GLOBAL | Pte.ACCESSED | Pte.DIRTY);
        assertThat(a.mmuUpdate(pteOf(100), a.entry(PLAIN, 5))).isZero();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(a.entry(PLAIN, 5) | Pte.GLOBAL);
    }

    @Test void theMachineToPhysicalEntryOfAnOwnFrameCanBeSet() {
        assertThat(a.mmuUpdate(a.mfn[PLAIN] << 12 | 1, 4711)).isZero();
        assertThat(frames().m2p.get(a.mfn[PLAIN])).isEqualTo(4711);
        assertThat(a.mmuUpdate(b.mfn[PLAIN] << 12 | 1, 4711)).isEqualTo(EPERM);
        assertThat(frames().m2p.get(b.mfn[PLAIN])).isEqualTo(PLAIN);
    }

    @Test void anUnknownCommandIsRefused() {
        assertThat(a.mmuUpdate(pteOf(100) | 5, 0)).isEqualTo(ENOSYS);
    }

    @Test void aBatchStopsAtTheFirstFailureAndSaysHowFarItCame() {
        assertThat(a.mmuUpdate(pteOf(100), a.entry(PLAIN, 7), pteOf(101), b.entry(PLAIN, 7), pteOf(102), a.entry(PLAIN, 7))).isEqualTo(EPERM);
        assertThat(a.done()).isEqualTo(1);
        assertThat(a.get(PvGuest.L1, 100)).isNotZero();
        assertThat(a.get(PvGuest.L1, 102)).isZero();
    }

    @Test void aBadRequestPointerIsAFault() {
        assertThat(a.call(1, PvGuest.va(300), 1, 0, DomIds.SELF)).isEqualTo(EFAULT);
        assertThat(a.call(1, MachineToPhys.BASE, 1, 0, DomIds.SELF)).isEqualTo(EFAULT);
        assertThat(a.call(1, PvGuest.va(PvGuest.ARGS), 0, MachineToPhys.BASE, DomIds.SELF)).isEqualTo(EFAULT);
        assertThat(a.call(1, PvGuest.va(PvGuest.ARGS), 0, 0, DomIds.SELF)).isZero();
    }

    @Test void aRequestMayCrossAPage() {
        a.put(PvGuest.ARGS, 511, pteOf(100));
        a.put(PvGuest.ARGS + 1, 0, a.entry(PLAIN, 7));
        assertThat(a.call(1, PvGuest.va(PvGuest.ARGS + 1) - 8, 1, 0, DomIds.SELF)).isZero();
        assertThat(typeCount(PLAIN)).isEqualTo(2);
    }

    @Test void aLongBatchIsDoneInPiecesAndCountedAsOne() {
        for (int p = PLAIN; p < PLAIN + 10; p++) {
            for (int i = 0; i < 512; i += 2) {
                a.put(p, i, pteOf(100 + i % 400));
                a.put(p, i + 1, a.entry(PLAIN, 5));
            }
        }
        a.put(PLAIN + 9, 510, b.machine(PvGuest.L1, 0));
        assertThat(a.call(1, PvGuest.va(PLAIN), 2560, PvGuest.va(PvGuest.ARGS) + 2048, DomIds.SELF)).isEqualTo(EPERM);
        assertThat(a.done()).isEqualTo(2559);
        assertThat(a.restarts).isEqualTo(2);
        assertThat(a.call(1, PvGuest.va(PLAIN), 1L << 31 | 100, 0, DomIds.SELF)).isZero();
    }

    @Test void updateVaMappingChangesTheEntryOfAnAddress() {
        assertThat(a.updateVa(100, a.entry(PLAIN, 3))).isZero();
        assertThat(a.get(PvGuest.L1, 100)).isEqualTo(a.entry(PLAIN, 7) | Pte.GUEST_KERNEL);
        assertThat(a.updateVa(100, b.entry(PLAIN, 3))).isEqualTo(EPERM);
        assertThat(a.updateVa(100, a.entry(PvGuest.L4, 3))).isEqualTo(EBUSY);
        assertThat(a.call(14, 1L << 40, 0, 0)).as("no table there").isEqualTo(EINVAL);
        assertThat(a.call(14, MachineToPhys.BASE, 0, 0)).as("the hypervisor's range").isEqualTo(EINVAL);
        assertThat(a.call(14, 1L << 50, 0, 0)).as("not canonical").isEqualTo(EINVAL);
        assertThat(a.call(22, PvGuest.va(100), 0, 0, 2)).isEqualTo(EPERM);
        assertThat(a.call(22, PvGuest.va(100), 0, 0, DomIds.SELF)).isZero();
    }

    @Test void aBadVcpuMaskOfUpdateVaMappingChangesNothing() {
        assertThat(a.call(14, PvGuest.va(100), a.entry(PLAIN, 7), MachineToPhys.BASE | 1)).isEqualTo(EFAULT);
        assertThat(a.get(PvGuest.L1, 100)).isZero();
    }

    @Test void aFullReferenceCountRefusesOneMore() {
        int mfn = (int) a.mfn[PLAIN];
        int refs = frames().refs(mfn);
        int count = frames().typeCount(mfn);
        frames().presetCounts(mfn, FrameTable.maxRefs(), count);
        assertThat(a.mmuUpdate(pteOf(100), a.entry(PLAIN, 7))).isEqualTo(EPERM);
        assertThat(a.mmuUpdate(pteOf(100), a.entry(PLAIN, 5))).isEqualTo(EPERM);
        frames().presetCounts(mfn, refs, FrameTable.maxTypeCount());
        assertThat(a.mmuUpdate(pteOf(100), a.entry(PLAIN, 7))).isEqualTo(-xen.kernel.api.hypercall.Errno.E2BIG);
        frames().presetCounts(mfn, refs, count);
        assertThat(a.get(PvGuest.L1, 100)).isZero();
    }
}
