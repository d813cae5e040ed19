package xen.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.PageTableLevel;
import xen.kernel.api.hw.Raw;

class MemoryOpTest extends MmTestBase {
    private static final int INCREASE = 0, DECREASE = 1, POPULATE = 6, EXCHANGE = 11;
    private final long args = PvGuest.va(PvGuest.ARGS);

    private long give(int... pfns) {
        long[] list = new long[pfns.length];
        for (int i = 0; i < pfns.length; i++) {
            list[i] = a.mfn[pfns[i]];
        }
        return a.reservation(DECREASE, list, 0);
    }

    @Test void balloonDownAndUpAgain() {
        long free = frames().free();
        a.updateVa(PLAIN, 0);
        assertThat(give(PLAIN)).isEqualTo(1);
        assertThat(a.memory().pages()).isEqualTo(63);
        assertThat(frames().free()).isEqualTo(free + 1);
        assertThat(frames().m2p.get(a.mfn[PLAIN])).isEqualTo(MachineToPhys.INVALID);
        assertThat(a.reservation(POPULATE, new long[] {777}, 0)).isEqualTo(1);
        assertThat(frames().m2p.get(a.listed(0))).isEqualTo(777);
        assertThat(frames().owned(a.listed(0), a.memory().owner)).isTrue();
    }

    @Test void aFrameComesBackZeroedAndItsDecodedCodeIsVoid() {
        a.put(PLAIN, 0, 0xdeadL);
        long host = a.host(PLAIN);
        a.updateVa(PLAIN, 0);
        give(PLAIN);
        b.updateVa(PLAIN, 0);
        assertThat(b.reservation(DECREASE, new long[] {b.mfn[PLAIN]}, 0)).isEqualTo(1);
        assertThat(b.reservation(POPULATE, new long[] {1}, 0)).isEqualTo(1);
        assertThat(b.listed(0)).isEqualTo(a.mfn[PLAIN]);
        assertThat(Raw.get64(host)).isZero();
        assertThat(t.cpu(0).contentChanges).contains((int) a.mfn[PLAIN]);
    }

    @Test void aReusedFrameFlushesCpusThatMayStillHoldIt() {
        a.memory().markDirty(1);
        a.updateVa(PLAIN, 0);
        give(PLAIN);
        a.reservation(POPULATE, new long[] {1}, 0);
        assertThat(t.cpu(1).flushes).isEqualTo(1);
    }

    @Test void aFrameGivenAwayWhileMappedStaysUntilItIsUnmapped() {
        long free = frames().free();
        assertThat(give(PLAIN)).isEqualTo(1);
        assertThat(frames().free()).isEqualTo(free);
        assertThat(give(PLAIN)).as("a second time").isZero();
        assertThat(a.updateVa(PLAIN, 0)).isZero();
        assertThat(frames().free()).isEqualTo(free + 1);
    }

    @Test void aPinnedTableGivenAwayIsATableUntilItIsUnpinned() {
        a.updateVa(PLAIN, 0);
        a.pin(1, PLAIN);
        long free = frames().free();
        assertThat(give(PLAIN)).isEqualTo(1);
        assertThat(frames().free()).isEqualTo(free);
        assertThat(frames().isTable((int) a.mfn[PLAIN], 1)).isTrue();
        assertThat(a.unpin(PLAIN)).isZero();
        assertThat(frames().free()).isEqualTo(free + 1);
    }

    @Test void onlyOnesOwnFramesCanBeGivenAway() {
        assertThat(a.reservation(DECREASE, new long[] {b.mfn[PLAIN]}, 0)).isZero();
        assertThat(a.reservation(DECREASE, new long[] {frames().m2p.firstMfn()}, 0)).isZero();
        assertThat(a.reservation(DECREASE, new long[] {frames().memory.frames}, 0)).isZero();
        assertThat(a.reservation(DECREASE, new long[] {-1}, 0)).isZero();
        assertThat(a.reservation(DECREASE, new long[] {a.memory().sharedInfoMfn()}, 0)).as("shared_info").isZero();
        assertThat(b.memory().pages()).isEqualTo(32);
    }

    @Test void theLimitHolds() {
        long[] list = new long[20];
        assertThat(a.reservation(POPULATE, list, 0)).as("64 of 80 are there").isEqualTo(16);
        assertThat(a.reservation(INCREASE, new long[1], 0)).isZero();
        assertThat(b.reservation(POPULATE, new long[1], 0)).isZero();
        a.memory().setMax(10);
        assertThat(a.reservation(POPULATE, new long[1], 0)).isZero();
    }

    @Test void aLongListIsDoneInPieces() {
        a.memory().setMax(10000);
        a.put(PvGuest.ARGS, 0, 0);
        a.put(PvGuest.ARGS, 1, 1030);
        a.put(PvGuest.ARGS, 2, 0);
        a.put(PvGuest.ARGS, 3, DomIds.SELF);
        long free = frames().free();
        assertThat(a.call(12, INCREASE, args)).as("all that there is").isEqualTo(free);
        assertThat(frames().free()).isZero();
        assertThat(a.call(12, INCREASE | 1025L << 6, args)).isEqualTo(1025);
        assertThat(a.call(12, INCREASE | 2000L << 6, args)).isEqualTo(1030);
    }

    @Test void largeExtentsAreContiguousAndAligned() {
        a.memory().setMax(1000);
        assertThat(a.reservation(INCREASE, new long[] {0}, 3)).isEqualTo(1);
        assertThat(a.listed(0) % 8).isZero();
        assertThat(a.reservation(DECREASE, new long[] {a.listed(0)}, 3)).isEqualTo(1);
        assertThat(a.reservation(INCREASE, new long[] {0}, 10)).as("too large").isZero();
        assertThat(a.reservation(INCREASE, new long[] {0}, -1)).isZero();
        assertThat(a.reservation(INCREASE, new long[] {0}, 31)).isZero();
    }

    @Test void aBadExtentListStopsTheCall() {
        a.put(PvGuest.ARGS, 0, PvGuest.va(300));
        a.put(PvGuest.ARGS, 1, 3);
        a.put(PvGuest.ARGS, 2, 0);
        a.put(PvGuest.ARGS, 3, DomIds.SELF);
        long pages = a.memory().pages();
        assertThat(a.call(12, POPULATE, args)).isZero();
        assertThat(a.memory().pages()).isEqualTo(pages);
        a.put(PvGuest.ARGS, 0, PvGuest.va(PvGuest.L1));
        assertThat(a.call(12, POPULATE, args)).as("a list that is a page table").isZero();
        assertThat(a.memory().pages()).isEqualTo(pages);
        assertThat(a.call(12, POPULATE, MachineToPhys.BASE)).isEqualTo(EFAULT);
    }

    @Test void anotherDomainsReservationIsRefused() {
        a.put(PvGuest.ARGS, 0, args + 128);
        a.put(PvGuest.ARGS, 1, 1);
        a.put(PvGuest.ARGS, 2, 0);
        a.put(PvGuest.ARGS, 3, 2);
        assertThat(a.call(12, INCREASE, args)).isEqualTo(EPERM);
        a.put(PvGuest.ARGS, 3, 9);
        assertThat(a.call(12, INCREASE, args)).isEqualTo(ESRCH);
    }

    @Test void theNumbersAreTold() {
        a.put(PvGuest.ARGS, 0, DomIds.SELF);
        assertThat(a.call(12, 3, args)).isEqualTo(64);
        assertThat(a.call(12, 4, args)).isEqualTo(80);
        assertThat(a.call(12, 2, 0)).isEqualTo(511);
        a.put(PvGuest.ARGS, 0, 2);
        assertThat(a.call(12, 3, args)).isEqualTo(EPERM);
    }

    /** The window is told, not what this machine has in it: a guest that is restored on a larger one keeps what it was told. */
    @Test void theMachineToPhysicalTableIsDescribed() {
        assertThat(a.call(12, 12, args)).isZero();
        assertThat(a.get(PvGuest.ARGS, 0)).isEqualTo(0xffff_8000_0000_0000L);
        assertThat(a.get(PvGuest.ARGS, 1)).isEqualTo(0xffff_8040_0000_0000L);
        assertThat(a.get(PvGuest.ARGS, 2)).isEqualTo((1L << 35) - 1);
        a.put(PvGuest.ARGS, 0, 4);
        a.put(PvGuest.ARGS, 1, args + 64);
        assertThat(a.call(12, 5, args)).isZero();
        assertThat((int) a.get(PvGuest.ARGS, 2)).isEqualTo(1);
        assertThat(a.get(PvGuest.ARGS, 8)).isEqualTo(frames().m2p.firstMfn());
    }

    @Test void theMemoryMapIsOneRegionUpToTheLimit() {
        a.put(PvGuest.ARGS, 0, 128);
        a.put(PvGuest.ARGS, 1, args + 64);
        assertThat(a.call(12, 9, args)).isZero();
        assertThat(a.get(PvGuest.ARGS, 0)).isEqualTo(1);
        assertThat(a.get(PvGuest.ARGS, 8)).isZero();
        assertThat(a.get(PvGuest.ARGS, 9)).isEqualTo(80 << 12);
        assertThat(Raw.get32(a.host(PvGuest.ARGS) + 80)).isEqualTo(1);
    }

    @Test void privilegedAndTranslatedCallsAreRefused() {
        assertThat(a.call(12, 7, args)).isEqualTo(EACCES);
        assertThat(a.call(12, 10, args)).isEqualTo(EPERM);
        assertThat(a.call(12, 13, args)).isEqualTo(EPERM);
        assertThat(a.call(12, 16, args)).isEqualTo(ENOSYS);
        assertThat(a.call(12, 17, args)).isEqualTo(ENOSYS);
        assertThat(a.call(12, 63, args)).isEqualTo(ENOSYS);
    }

    private long exchange(long[] in, int inOrder, int outs, int outOrder) {
        for (int i = 0; i < in.length; i++) {
            a.put(PvGuest.ARGS, 32 + i, in[i]);
        }
        for (int i = 0; i < outs; i++) {
            a.put(PvGuest.ARGS, 64 + i, 500 + i);
        }
        long[] request = {args + 256, in.length, inOrder, DomIds.SELF, args + 512, outs, outOrder, DomIds.SELF, 0};
        for (int i = 0; i < request.length; i++) {
            a.put(PvGuest.ARGS, i, request[i]);
        }
        return a.call(12, EXCHANGE, args);
    }

    @Test void fourLooseFramesBecomeOneContiguousExtent() {
        long[] in = new long[4];
        for (int i = 0; i < 4; i++) {
            a.updateVa(PLAIN + 2 * i, 0);
            in[i] = a.mfn[PLAIN + 2 * i];
        }
        assertThat(exchange(in, 0, 1, 2)).isZero();
        long mfn = a.get(PvGuest.ARGS, 64);
        assertThat(mfn % 4).isZero();
        assertThat(frames().m2p.get(mfn + 3)).isEqualTo(503);
        assertThat(a.get(PvGuest.ARGS, 8)).isEqualTo(4);
        assertThat(a.memory().pages()).isEqualTo(64);
    }

    @Test void onlyIdleFramesOfOnesOwnCanBeExchanged() {
        assertThat(exchange(new long[] {a.mfn[PLAIN]}, 0, 1, 0)).as("mapped").isEqualTo(EINVAL);
        assertThat(exchange(new long[] {b.mfn[PLAIN]}, 0, 1, 0)).isEqualTo(EINVAL);
        assertThat(exchange(new long[] {-1}, 0, 1, 0)).isEqualTo(EINVAL);
        a.updateVa(PLAIN, 0);
        assertThat(exchange(new long[] {a.mfn[PLAIN], a.mfn[PLAIN]}, 0, 2, 0)).as("the same twice").isEqualTo(EINVAL);
        assertThat(exchange(new long[] {a.mfn[PLAIN]}, 0, 2, 0)).as("more out than in").isEqualTo(EINVAL);
        assertThat(exchange(new long[] {a.mfn[PLAIN]}, 62, 1, 62)).isEqualTo(EPERM);
        assertThat(a.memory().pages()).isEqualTo(64);
    }

    @Test void theBuilderIsToldWhatIsWrong() {
        assertThatThrownBy(() -> a.memory().populate(0, 100)).isInstanceOf(HypervisorException.class).hasMessageContaining("limit of 80");
        a.memory().setMax(100000);
        assertThatThrownBy(() -> a.memory().populate(0, 1000)).isInstanceOf(HypervisorException.class).hasMessageContaining("free frames");
        assertThatThrownBy(() -> a.memory().populate(0, -1)).isInstanceOf(HypervisorException.class);
        assertThatThrownBy(() -> a.memory().setM2p(b.mfn[1], 0)).isInstanceOf(HypervisorException.class);
        assertThatThrownBy(() -> a.memory().pinTable(PageTableLevel.L4, a.mfn[PLAIN])).isInstanceOf(HypervisorException.class);
        assertThatThrownBy(() -> a.memory().pinTable(PageTableLevel.L4, b.mfn[PvGuest.L4])).isInstanceOf(HypervisorException.class);
    }

    @Test void aDeadDomainLeavesNothing() {
        long free = frames().free();
        a.memory().sharedInfoMfn();
        a.readOnly(PLAIN);
        a.put(PvGuest.ARGS, 0, a.mfn[PLAIN]);
        a.call(2, args, 8);
        a.updateVa(100, a.memory().sharedInfoMfn() << 12 | 7);
        a.memory().releaseAll();
        assertThat(a.memory().gone()).isTrue();
        assertThat(frames().free()).isEqualTo(free + 64);
    }

}
