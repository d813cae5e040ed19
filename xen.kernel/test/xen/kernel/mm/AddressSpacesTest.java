package xen.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;
import xen.kernel.sched.Placed;
import xen.kernel.testing.HoardingTlb;

/**
 * A guest changes its tables in every way there is, with a TLB that keeps whatever it may: behind the guest's next flush or change of root
 * nothing in use is other than the tables are. And what did not change is kept.
 */
class AddressSpacesTest extends MmTestBase {
    private static final int PIN_L4 = 3, UNPIN = 4, NEW_BASEPTR = 5, TLB_FLUSH_LOCAL = 6, NEW_USER_BASEPTR = 15;
    /** The kernel's half: own tables for slot {@link #SLOT} of the L4, which map pages from {@link #FIRST} on. */
    private static final int SLOT = 272, K3 = 20, K2 = 21, K1 = 22, FIRST = 30, PAGES = 8;
    private static final long UPPER = 0xffff_8800_0000_0000L;
    /** A second root. */
    private static final int OTHER = 40;
    private HoardingTlb tlb;
    private VcpuContext v;

    @BeforeEach void aKernelHalf() {
        Placed.on(a.vcpu, 0);
        Placed.on(b.vcpu, 1);
        for (int i = 0; i < PAGES; i++) {
            a.put(K1, i, a.entry(FIRST + i, 7));
        }
        a.put(K2, 0, a.entry(K1, 7));
        a.put(K3, 0, a.entry(K2, 7));
        for (int table = K3; table <= K1; table++) {
            a.readOnly(table);
        }
        ok(a.mmuUpdate(a.machine(PvGuest.L4, SLOT), a.entry(K3, 7)));
        tlb = t.cpu(0).tlb;
        v = a.vcpu.context;
        ok(a.mmuExt(TLB_FLUSH_LOCAL, 0, 0));
        useKernel();
    }

    private static void ok(long result) { assertThat(result).isZero(); }

    private static long upper(int page) { return UPPER + page * 4096L; }

    private void useKernel() {
        for (int i = 0; i < PAGES; i++) {
            tlb.touch(v, upper(i));
        }
    }

    /** Another root with the same kernel's half and nothing else but the first page of the lower half's tables. */
    private void anotherRoot() {
        a.put(OTHER, 0, a.entry(PvGuest.L3, 7));
        a.put(OTHER, SLOT, a.entry(K3, 7));
        a.readOnly(OTHER);
        ok(a.mmuExt(PIN_L4, a.mfn[OTHER], 0));
    }

    private void flushed() {
        ok(a.mmuExt(TLB_FLUSH_LOCAL, 0, 0));
        assertThat(tlb.untrue(v)).isEmpty();
    }

    private void kernelHalfIsKept(boolean kept) {
        flushed();
        assertThat((tlb.keep & Cpu.KEEP_UPPER) != 0).as("kernel's half kept").isEqualTo(kept);
        assertThat(tlb.holds(v, upper(1))).isEqualTo(kept);
    }

    @Test void aSwitchKeepsTheKernelsHalfAndDropsTheLowerOne() {
        anotherRoot();
        tlb.touch(v, PvGuest.va(PLAIN));
        ok(a.mmuExt(NEW_BASEPTR, a.mfn[OTHER], 0));
        assertThat(tlb.keep).isEqualTo(Cpu.KEEP_UPPER);
        assertThat(tlb.holds(v, upper(1))).isTrue();
        assertThat(tlb.holds(v, PvGuest.va(PLAIN))).isFalse();
        flushed();
        assertThat(tlb.keep).as("a flush when nothing was lost").isEqualTo(Cpu.KEEP_UPPER | Cpu.KEEP_LOWER);
    }

    @Test void aRootWithAnotherKernelsHalfKeepsNothing() {
        a.put(OTHER, 0, a.entry(PvGuest.L3, 7));
        a.readOnly(OTHER);
        ok(a.mmuExt(PIN_L4, a.mfn[OTHER], 0));
        ok(a.mmuExt(NEW_BASEPTR, a.mfn[OTHER], 0));
        assertThat(tlb.keep).isZero();
        assertThat(tlb.untrue(v)).isEmpty();
    }

    @Test void aRootThatForbidsWhatTheOldOneAllowedKeepsNothing() {
        a.put(OTHER, 0, a.entry(PvGuest.L3, 7));
        a.put(OTHER, SLOT, a.entry(K3, 5));
        a.readOnly(OTHER);
        ok(a.mmuExt(PIN_L4, a.mfn[OTHER], 0));
        ok(a.mmuExt(NEW_BASEPTR, a.mfn[OTHER], 0));
        assertThat(tlb.untrue(v)).isEmpty();
    }

    @Test void anL1EntryTakenOutByMmuUpdateIsForgottenAlone() {
        ok(a.mmuUpdate(a.machine(K1, 0), 0));
        assertThat(tlb.leadsTo(a.mfn[FIRST])).isFalse();
        kernelHalfIsKept(true);
    }

    @Test void anL1EntryMadeReadOnlyByUpdateVaMappingIsForgottenAlone() {
        ok(a.call(14, upper(0), a.entry(FIRST, 5), 0));
        kernelHalfIsKept(true);
    }

    @Test void anL1EntryMadeNotExecutableIsForgottenAlone() {
        ok(a.call(14, upper(0), a.entry(FIRST, 7) | Pte.NX, 0));
        kernelHalfIsKept(true);
    }

    @Test void anL1EntryChangedByAStoreIsForgottenAlone() {
        t.cpu(0).storeStep = (c, page, hook) -> hook.exchange(PvGuest.va(K1), 8, a.get(K1, 0), a.entry(FIRST + 1, 7)) ? Exit.BUDGET : Exit.EXCEPTION;
        assertThat(PageFaults.fixup(a.vcpu, 0, PvGuest.va(K1), 7)).isTrue();
        assertThat(tlb.leadsTo(a.mfn[FIRST])).isFalse();
        kernelHalfIsKept(true);
    }

    @Test void moreRightsForgetNothing() {
        ok(a.call(14, upper(0), a.entry(FIRST, 5), 0));
        ok(a.mmuExt(TLB_FLUSH_LOCAL, 0, 0));
        tlb.touch(v, upper(0));
        ok(a.call(14, upper(0), a.entry(FIRST, 7), 0));
        assertThat(tlb.holds(v, upper(0))).isTrue();
        kernelHalfIsKept(true);
    }

    @Test void anL2EntryTakenOutEndsTheKernelsHalf() {
        ok(a.mmuUpdate(a.machine(K2, 0), 0));
        kernelHalfIsKept(false);
    }

    @Test void anL3EntryMadeReadOnlyEndsTheKernelsHalf() {
        ok(a.mmuUpdate(a.machine(K3, 0), a.entry(K2, 5)));
        kernelHalfIsKept(false);
    }

    @Test void anL4SlotTakenOutEndsTheKernelsHalf() {
        ok(a.mmuUpdate(a.machine(PvGuest.L4, SLOT), 0));
        kernelHalfIsKept(false);
    }

    @Test void tablesLinkedLaterBelongToTheKernelsHalfToo() {
        a.put(23, 0, a.entry(FIRST, 7));
        a.readOnly(23);
        ok(a.mmuUpdate(a.machine(K2, 1), a.entry(23, 7)));
        tlb.touch(v, UPPER + (2 << 20));
        ok(a.mmuUpdate(a.machine(23, 0), a.entry(FIRST + 1, 7)));
        assertThat(tlb.leadsTo(a.mfn[FIRST])).isFalse();
        kernelHalfIsKept(true);
    }

    @Test void aTableThatIsDroppedAndLinkedAgainIsMarkedAgain() {
        ok(a.mmuUpdate(a.machine(K2, 0), 0));
        assertThat(frames().inKernelHalf((int) a.mfn[K1])).isFalse();
        flushed();
        ok(a.mmuUpdate(a.machine(K1, 0), a.entry(FIRST + 2, 7)));
        ok(a.mmuUpdate(a.machine(K2, 0), a.entry(K1, 7)));
        assertThat(frames().inKernelHalf((int) a.mfn[K1])).isTrue();
        useKernel();
        ok(a.mmuUpdate(a.machine(K1, 0), 0));
        kernelHalfIsKept(true);
    }

    @Test void anotherVcpusCpuForgetsToo() {
        VcpuImpl second = a.domain.vcpu(1);
        Placed.on(second, 1);
        assertThat(a.memory().setRoot(second, a.mfn[PvGuest.L4], false)).isTrue();
        HoardingTlb theirs = t.cpu(1).tlb;
        theirs.touch(second.context, upper(0));
        theirs.touch(second.context, upper(1));
        ok(a.mmuUpdate(a.machine(K1, 0), 0));
        a.memory().flushVcpu(second);
        assertThat(theirs.untrue(second.context)).isEmpty();
        assertThat(theirs.holds(second.context, upper(1))).isTrue();
        theirs.touch(second.context, upper(2));
        ok(a.mmuUpdate(a.machine(K2, 0), 0));
        flushed();
        a.memory().flushVcpu(second);
        assertThat(theirs.untrue(second.context)).as("the other vCPU's own flush comes later").isEmpty();
    }

    @Test void anotherDomainsFrameIsForgottenAtOnce() {
        HoardingTlb theirs = t.cpu(1).tlb;
        assertThat(a.memory().granted.get(a.mfn[FIRST], true)).isTrue();
        long entry = b.memory().granted.entry(b.vcpu, PvGuest.va(20), false);
        b.memory().granted.install(entry, (int) a.mfn[FIRST], true, false, 0);
        theirs.touch(b.vcpu.context, PvGuest.va(20));
        assertThat(theirs.leadsTo(a.mfn[FIRST])).isTrue();
        ok(b.updateVa(20, 0));
        assertThat(theirs.leadsTo(a.mfn[FIRST])).as("without any flush of the mapper's").isFalse();
    }

    @Test void aFrameThatBecomesATableIsForgottenAtOnce() {
        tlb.touch(v, PvGuest.va(PLAIN));
        a.readOnly(PLAIN);
        ok(a.pin(1, PLAIN));
        assertThat(tlb.leadsTo(a.mfn[PLAIN])).isFalse();
    }

    @Test void userSpacesThatTakeTurnsAreKept() {
        anotherRoot();
        ok(a.mmuExt(NEW_USER_BASEPTR, a.mfn[PvGuest.L4], 0));
        long first = tlb.space;
        tlb.touch(v, PvGuest.va(PLAIN));
        ok(a.mmuExt(NEW_USER_BASEPTR, a.mfn[OTHER], 0));
        assertThat(tlb.space).isNotEqualTo(first);
        ok(a.mmuExt(NEW_USER_BASEPTR, a.mfn[PvGuest.L4], 0));
        assertThat(tlb.space).isEqualTo(first);
        ok(a.mmuUpdate(pteOf(PLAIN), 0));
        ok(a.mmuExt(NEW_USER_BASEPTR, a.mfn[OTHER], 0));
        ok(a.mmuExt(NEW_USER_BASEPTR, a.mfn[PvGuest.L4], 0));
        assertThat(tlb.space).isNotEqualTo(first);
        assertThat(tlb.untrue(v)).isEmpty();
    }

    @Test void aRootsNameEndsWithTheTable() {
        anotherRoot();
        ok(a.mmuExt(NEW_USER_BASEPTR, a.mfn[OTHER], 0));
        tlb.touch(v, PvGuest.va(PLAIN));
        ok(a.mmuExt(NEW_USER_BASEPTR, a.mfn[PvGuest.L4], 0));
        ok(a.mmuExt(UNPIN, a.mfn[OTHER], 0));
        ok(a.updateVa(OTHER, a.entry(OTHER, 7)));
        a.put(OTHER, 0, 0);
        a.readOnly(OTHER);
        ok(a.mmuExt(NEW_USER_BASEPTR, a.mfn[OTHER], 0));
        assertThat(tlb.untrue(v)).isEmpty();
    }

    @Test void clearedAccessedAndDirtyBitsAreSeenByTheNextWalk() {
        ok(a.mmuUpdate(a.machine(K1, 0), a.entry(FIRST, 7) | Pte.ACCESSED | Pte.DIRTY));
        tlb.touch(v, upper(0));
        ok(a.mmuUpdate(a.machine(K1, 0), a.entry(FIRST, 7)));
        assertThat(tlb.holds(v, upper(0))).isFalse();
        anotherRoot();
        a.mmuUpdate(a.machine(PvGuest.L4, SLOT), a.entry(K3, 7) | Pte.ACCESSED);
        ok(a.mmuExt(NEW_BASEPTR, a.mfn[OTHER], 0));
        assertThat(a.get(OTHER, SLOT) & Pte.ACCESSED).as("as if the CPU had walked there").isNotZero();
    }
}
