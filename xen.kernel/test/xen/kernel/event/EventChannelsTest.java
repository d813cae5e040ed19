package xen.kernel.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.event.EventPort;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.testing.TestCore;

class EventChannelsTest {
    private final TestCore t = new TestCore("1x1x1");
    private final DomainImpl a = t.domain(2);
    private final DomainImpl b = t.domain(1);

    @AfterEach void close() { t.close(); }

    private static boolean bit(long at, int n) { return (Raw.get64(at + n / 64 * 8L) >>> n % 64 & 1) != 0; }

    private static boolean pending(DomainImpl d, int port) { return bit(SharedInfo.address(d) + SharedInfo.EVTCHN_PENDING, port); }

    private static void mask(DomainImpl d, int port) { TwoLevel.setBit(SharedInfo.address(d) + SharedInfo.EVTCHN_MASK + port / 64 * 8L, port % 64); }

    private static boolean selected(VcpuImpl v, int word) { return bit(v.info.address() + SharedInfo.PENDING_SEL, word); }

    private void drain() {
        for (Runnable r = t.core.timeline.poll(Long.MAX_VALUE - 1); r != null; r = t.core.timeline.poll(Long.MAX_VALUE - 1)) {
            r.run();
        }
    }

    @Test void aVirqSetsPortWordAndUpcallByteOfItsVcpu() {
        int p = a.events.bindVirq(Virq.TIMER, 1);
        a.events.raiseVirq(a.vcpu(1), Virq.TIMER);
        assertThat(pending(a, p)).isTrue();
        assertThat(selected(a.vcpu(1), 0)).isTrue();
        assertThat(a.vcpu(1).info.pending()).isTrue();
        assertThat(a.vcpu(1).info.upcallReady()).as("masked at the start").isFalse();
        a.vcpu(1).info.mask(0);
        assertThat(a.vcpu(1).info.upcallReady()).isTrue();
        assertThat(a.vcpu(0).info.pending()).isFalse();
    }

    @Test void aMaskedPortOnlyBecomesPendingUntilItIsUnmasked() {
        int p = a.events.bindIpi(1);
        mask(a, p);
        assertThat(a.events.send(p)).isZero();
        assertThat(pending(a, p)).isTrue();
        assertThat(a.vcpu(1).info.pending()).isFalse();
        assertThat(a.events.unmask(p)).isZero();
        assertThat(a.vcpu(1).info.pending()).isTrue();
    }

    @Test void interdomainEventsGoBothWaysAndTheBinderIsWokenOnce() {
        int pa = a.events.allocUnbound(b.id());
        assertThat(a.events.send(pa)).as("dropped").isZero();
        int pb = b.events.bindInterdomain(a, pa);
        assertThat(pending(b, pb)).isTrue();
        assertThat(a.events.send(pa)).isZero();
        assertThat(b.events.send(pb)).isZero();
        assertThat(pending(a, pa)).isTrue();
    }

    @Test void onlyTheNamedDomainBindsAndOnlyOnce() {
        DomainImpl c = t.domain(1);
        int pa = a.events.allocUnbound(b.id());
        assertThat(c.events.bindInterdomain(a, pa)).isEqualTo(-Errno.EINVAL);
        assertThat(b.events.bindInterdomain(a, 99_999)).isEqualTo(-Errno.EINVAL);
        assertThat(b.events.bindInterdomain(a, pa)).isPositive();
        assertThat(b.events.bindInterdomain(a, pa)).isEqualTo(-Errno.EINVAL);
    }

    @Test void closingOneEndLeavesTheOtherUnboundForTheSameDomain() {
        int pa = a.events.allocUnbound(b.id());
        int pb = b.events.bindInterdomain(a, pa);
        assertThat(b.events.close(pb)).isZero();
        assertThat(pending(b, pb)).as("nothing left behind").isFalse();
        assertThat(b.events.close(pb)).isEqualTo(-Errno.EINVAL);
        assertThat(a.events.channel(pa).kind).isEqualTo(Channel.Kind.UNBOUND);
        assertThat(b.events.bindInterdomain(a, pa)).isPositive();
    }

    @Test void badPortsVcpusAndVirqsAreRefused() {
        for (long port : new long[] {0, 1, 4095, 4096, 0xffff_ffffL}) {
            assertThat(a.events.send(port)).isEqualTo(-Errno.EINVAL);
            assertThat(a.events.close(port)).isEqualTo(-Errno.EINVAL);
            assertThat(a.events.unmask(port)).isEqualTo(-Errno.EINVAL);
            assertThat(a.events.bindVcpu(port, 0)).isEqualTo(-Errno.EINVAL);
            assertThat(a.events.isPending(port)).isFalse();
        }
        assertThat(a.events.bindIpi(2)).isEqualTo(-Errno.ENOENT);
        assertThat(a.events.bindVirq(Virq.COUNT, 0)).isEqualTo(-Errno.EINVAL);
        assertThat(a.events.bindVirq(Virq.CONSOLE, 1)).as("global").isEqualTo(-Errno.EINVAL);
        assertThat(a.events.bindVirq(Virq.TIMER, 2)).isEqualTo(-Errno.ENOENT);
        int p = a.events.bindVirq(Virq.TIMER, 0);
        assertThat(a.events.bindVirq(Virq.TIMER, 0)).isEqualTo(-Errno.EEXIST);
        assertThat(a.events.send(p)).as("a VIRQ cannot be sent").isEqualTo(-Errno.EINVAL);
        assertThat(a.events.bindVcpu(p, 1)).as("per-vCPU").isEqualTo(-Errno.EINVAL);
        a.events.close(p);
        assertThat(a.events.bindVirq(Virq.TIMER, 0)).isPositive();
    }

    @Test void thereAre4095PortsAndThenNone() {
        for (int i = 1; i < TwoLevel.PORTS; i++) {
            assertThat(a.events.allocUnbound(0)).isEqualTo(i);
        }
        assertThat(a.events.allocUnbound(0)).isEqualTo(-Errno.ENOSPC);
        assertThat(a.events.reset()).isZero();
        assertThat(a.events.bindIpi(1)).isEqualTo(1);
        assertThat(a.events.send(1)).isZero();
        assertThat(selected(a.vcpu(1), 0)).isTrue();
    }

    @Test void aMovedPortReachesItsNewVcpu() {
        int pa = a.events.allocUnbound(b.id());
        int pb = b.events.bindInterdomain(a, pa);
        assertThat(a.events.bindVcpu(pa, 1)).isZero();
        b.events.send(pb);
        assertThat(a.vcpu(1).info.pending()).isTrue();
        assertThat(a.vcpu(0).info.pending()).isFalse();
    }

    @Test void domain0sCallbacksRunOnTheTimelineAndAreMerged() {
        List<String> calls = new ArrayList<>();
        int p = t.core.dom0.allocUnbound(a);
        EventPort port = t.core.dom0.bindInterdomain(0, a, p, () -> calls.add("event"));
        drain();
        assertThat(calls).as("once at the start").hasSize(1);
        a.events.send(p);
        a.events.send(p);
        assertThat(calls).as("not inside the send").hasSize(1);
        drain();
        assertThat(calls).hasSize(2);
        port.send();
        assertThat(pending(a, p)).isTrue();
    }

    @Test void aClosedDomain0PortIsSilentAndTheGuestsPortCanBeBoundAgain() {
        List<String> calls = new ArrayList<>();
        int p = t.core.dom0.allocUnbound(a);
        EventPort first = t.core.dom0.bindInterdomain(0, a, p, () -> calls.add("first"));
        assertThatThrownBy(() -> t.core.dom0.bindInterdomain(0, a, p, () -> { })).isInstanceOf(HypervisorException.class).hasMessageContaining("port " + p);
        a.events.send(p);
        first.close();
        first.close();
        drain();
        first.send();
        assertThat(pending(a, p)).isFalse();
        t.core.dom0.bindInterdomain(0, a, p, () -> calls.add("second"));
        drain();
        a.events.send(p);
        drain();
        assertThat(calls).containsExactly("second", "second");
    }

    @Test void aGuestThatClosesOrDiesDetachesDomain0() {
        int p = t.core.dom0.allocUnbound(a);
        EventPort port = t.core.dom0.bindInterdomain(0, a, p, () -> { });
        a.events.dispose();
        port.send();
        assertThat(pending(a, p)).isFalse();
        assertThat(t.core.dom0.size()).isZero();
        port.close();
    }

    @Test void aFailingCallbackHarmsNobody() {
        int p = t.core.dom0.allocUnbound(a);
        t.core.dom0.bindInterdomain(0, a, p, () -> { throw new IllegalStateException("on purpose"); });
        drain();
        assertThat(a.events.send(p)).isZero();
    }

    @Test void aPortThatIsLeftForADriverDomainIsBoundByThatOneOnly() {
        int p = a.events.allocUnbound(0x7fef);
        assertThatThrownBy(() -> t.core.dom0.bindInterdomain(0, a, p, () -> { })).isInstanceOf(HypervisorException.class);
        assertThatThrownBy(() -> t.core.dom0.bindInterdomain(0x7fee, a, p, () -> { })).isInstanceOf(HypervisorException.class);
        EventPort port = t.core.dom0.bindInterdomain(0x7fef, a, p, () -> { });
        port.send();
        assertThat(pending(a, p)).isTrue();
    }

    @Test void aDomain0PortCannotBeStolenByAGuest() {
        int p = t.core.dom0.allocUnbound(a);
        assertThat(b.events.bindInterdomain(a, p)).isEqualTo(-Errno.EINVAL);
    }

    @Test void vcpuInfoMovesOnceToAFrameOfTheGuestWithEverythingPending() {
        VcpuImpl v = a.vcpu(0);
        long mfn = a.memory.populate(0, 1)[0];
        assertThat(v.info.register(mfn, 4096 - 32)).isEqualTo(-Errno.EINVAL);
        assertThat(v.info.register(mfn, 12)).isEqualTo(-Errno.EINVAL);
        assertThat(v.info.register(b.memory.populate(0, 1)[0], 0)).as("another domain's frame").isEqualTo(-Errno.EINVAL);
        v.info.cr2(0x1234);
        assertThat(v.info.register(mfn, 4096 - 64)).isZero();
        assertThat(v.info.address()).isEqualTo(t.memory.address(mfn) + 4096 - 64);
        assertThat(v.info.cr2()).isEqualTo(0x1234);
        assertThat(v.info.pending()).isTrue();
        assertThat(selected(v, 63)).isTrue();
        assertThat(v.info.register(mfn, 0)).isEqualTo(-Errno.EINVAL);
    }

    @Test void aVcpuWithoutASlotWritesToAPlaceThatNoGuestSees() {
        DomainImpl many = t.domain(34);
        VcpuImpl v = many.vcpu(33);
        assertThat(v.info.masked()).isTrue();
        int p = many.events.bindIpi(33);
        many.events.send(p);
        assertThat(v.info.pending()).isTrue();
        assertThat(many.vcpu(31).info.pending()).isFalse();
    }
}
