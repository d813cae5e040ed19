package xen.kernel.event;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Raw;
import xen.kernel.core.CoreFixture;

/** event_channel_op as a guest issues it. */
class EventHypercallsTest {
    private static final long EPERM = -1, EFAULT = -14, EINVAL = -22, ENOSYS = -38, ESRCH = -3, UNMAPPED = 0x7000_0000_0000L;
    private static final int SELF = 0x7ff0;
    private final CoreFixture f = new CoreFixture(2, false);
    private final long p = f.free;

    private int get32(long va) { return Raw.get32(f.host(va)); }

    private int allocUnbound(int domid, int remote) {
        f.put64(p, domid | (long) remote << 16);
        return (int) f.hypercall(32, 6, p);
    }

    @Test void aGuestAllocatesForItsFrontendsAndAsksForTheStatus() {
        assertThat(allocUnbound(SELF, 0)).isZero();
        assertThat(get32(p + 4)).isEqualTo(1);
        f.put64(p, SELF | 1L << 32);
        assertThat(f.hypercall(32, 5, p)).isZero();
        assertThat(get32(p + 8)).as("unbound").isEqualTo(1);
        assertThat(get32(p + 16) & 0xffff).isZero();
        f.put64(p, SELF | 7L << 32);
        assertThat(f.hypercall(32, 5, p)).isZero();
        assertThat(get32(p + 8)).as("closed").isZero();
        f.put64(p, SELF | 4096L << 32);
        assertThat(f.hypercall(32, 5, p)).isEqualTo(EINVAL);
    }

    @Test void aGuestHasNoSayInOtherDomains() {
        assertThat(allocUnbound(5, 1)).isEqualTo((int) EPERM);
        f.put64(p, 5);
        assertThat(f.hypercall(32, 10, p)).as("reset").isEqualTo(EPERM);
        assertThat(f.hypercall(32, 5, p)).as("status").isEqualTo(EPERM);
        assertThat(f.hypercall(32, 0, p)).as("bind").isEqualTo(ESRCH);
        f.put64(p, 0);
        assertThat(f.hypercall(32, 0, p)).as("bind to domain 0").isEqualTo(EINVAL);
    }

    @Test void virqIpiVcpuUnmaskSendCloseAndReset() {
        f.put64(p, Virq.TIMER | 1L << 32);
        assertThat(f.hypercall(32, 1, p)).isZero();
        assertThat(get32(p + 8)).isEqualTo(1);
        f.put64(p, 1);
        assertThat(f.hypercall(32, 7, p)).isZero();
        assertThat(get32(p + 4)).isEqualTo(2);
        f.put64(p, 2);
        assertThat(f.hypercall(32, 4, p)).isZero();
        assertThat(f.domain.vcpu(1).info.pending()).isTrue();
        assertThat(f.hypercall(32, 9, p)).isZero();
        f.put64(p, 1);
        assertThat(f.hypercall(32, 4, p)).as("a VIRQ").isEqualTo(EINVAL);
        f.put64(p, 2 | 0L << 32);
        assertThat(f.hypercall(32, 8, p)).as("an IPI stays").isEqualTo(EINVAL);
        assertThat(f.hypercall(32, 3, p)).isZero();
        assertThat(f.hypercall(32, 3, p)).isEqualTo(EINVAL);
        f.put64(p, SELF);
        assertThat(f.hypercall(32, 10, p)).isZero();
        f.put64(p, 1);
        assertThat(f.hypercall(32, 3, p)).as("closed by reset").isEqualTo(EINVAL);
    }

    @Test void aPortIsOnlyMadeWhenTheGuestCanBeToldItsNumber() {
        long edge = f.free + 0x1ffc;
        f.cpu.refused.add(f.free + 0x2000 >>> 12);
        f.put32(edge, 1);
        assertThat(f.hypercall(32, 7, edge)).isEqualTo(EFAULT);
        f.put64(p, 1);
        assertThat(f.hypercall(32, 7, p)).isZero();
        assertThat(get32(p + 4)).as("none was used up").isEqualTo(1);
        for (int op = 0; op <= 10; op++) {
            if (op != 2) {
                assertThat(f.hypercall(32, op, UNMAPPED)).as("sub-op %d", op).isEqualTo(EFAULT);
            }
        }
    }

    @Test void fifoEventsAreUnknownSoThatGuestsFallBack() {
        for (int op = 11; op <= 14; op++) {
            assertThat(f.hypercall(32, op, p)).isEqualTo(ENOSYS);
        }
        assertThat(f.hypercall(32, 2, p)).as("a physical interrupt").isEqualTo(EPERM);
    }

    @Test void theOldFormCarriesTheCommandInTheStructure() {
        f.put64(p, 7 | 1L << 32);
        assertThat(f.hypercall(16, p)).isZero();
        assertThat(get32(p + 8)).isEqualTo(1);
        f.put64(p, 4 | 1L << 32);
        assertThat(f.hypercall(16, p)).isZero();
        assertThat(f.domain.vcpu(1).info.pending()).isTrue();
        f.put64(p, 77);
        assertThat(f.hypercall(16, p)).isEqualTo(ENOSYS);
    }
}
