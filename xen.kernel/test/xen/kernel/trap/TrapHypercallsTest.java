package xen.kernel.trap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.CoreFixture;

/** Arguments of the calls that set up traps, segments and debug registers: good, bad, and not readable. */
class TrapHypercallsTest {
    private static final long EFAULT = -14, EINVAL = -22, ENOSYS = -38, EPERM = -1, ENODEV = -19, UNMAPPED = 0x7000_0000_0000L;
    private final CoreFixture f = new CoreFixture();
    private final VcpuContext c = f.c;
    private final TrapState t = f.v.traps;
    private final long p = f.free;

    @Test void trapTableEntriesUpToANullAddressAreTaken() {
        entry(0, 14, 4, 0x10, 0xffff_ffff_8100_0000L);
        entry(1, 0x80, 3, 0x33, 0xffff_ffff_8100_0080L);
        entry(2, 3, 3, 0, 0);
        assertThat(f.hypercall(0, p)).isZero();
        assertThat(t.handler[14]).isEqualTo(0xffff_ffff_8100_0000L);
        assertThat(t.handlerFlags[14]).isEqualTo(4);
        assertThat(t.handlerCs[0x80]).isEqualTo(0x33);
        assertThat(t.handlerFlags[0x80]).isEqualTo(3);
        assertThat(f.hypercall(0, 0)).isZero();
        assertThat(t.handler[14]).as("a null table clears").isZero();
    }

    private void entry(int i, int vector, int flags, int cs, long address) {
        f.put64(p + 16L * i, vector | flags << 8 | (long) cs << 16);
        f.put64(p + 16L * i + 8, address);
    }

    @Test void trapTableRefusesWhatIsNotCanonicalAndFaultsWhereItIsNotMapped() {
        entry(0, 14, 0, 0, 0x8000_0000_0000L);
        assertThat(f.hypercall(0, p)).isEqualTo(EINVAL);
        assertThat(f.hypercall(0, UNMAPPED)).isEqualTo(EFAULT);
        assertThat(f.hypercall(0, 0xffff_8000_0000_0000L)).as("the hypervisor's range").isEqualTo(EFAULT);
    }

    @Test void endlessTrapTableEnds() {
        for (int i = 0; i < 5000; i++) {
            entry(i, i & 255, 0, 0, 0x1000);
        }
        assertThat(f.hypercall(0, p)).isNegative();
    }

    @Test void callbacksAreRegisteredByType() {
        callback(0, 0, 0x1000, 0);
        callback(1, 1, 0x2000, 0);
        callback(2, 1, 0x3000, 0);
        callback(7, 0, 0x4000, 0);
        callback(5, 1, 0x5000, 0);
        callback(4, 0, 0x6000, 0);
        assertThat(t.eventCallback).isEqualTo(0x1000);
        assertThat(t.failsafeCallback).isEqualTo(0x2000);
        assertThat(t.syscallCallback).isEqualTo(0x3000);
        assertThat(t.syscallMasks).isTrue();
        assertThat(t.syscall32Callback).isEqualTo(0x4000);
        assertThat(t.syscall32Masks).isFalse();
        assertThat(t.sysenterCallback).isEqualTo(0x5000);
        assertThat(t.handler[2]).isEqualTo(0x6000);
        callback(3, 0, 0x1000, ENOSYS);
        callback(0, 0, 0x8000_0000_0000L, EINVAL);
        assertThat(f.hypercall(30, 0, UNMAPPED)).isEqualTo(EFAULT);
        assertThat(f.hypercall(30, 9, p)).isEqualTo(ENOSYS);
        f.put64(p, 2);
        assertThat(f.hypercall(30, 1, p)).as("a syscall callback stays").isEqualTo(EINVAL);
        f.put64(p, 4);
        assertThat(f.hypercall(30, 1, p)).isZero();
        assertThat(t.handler[2]).isZero();
    }

    private void callback(int type, int flags, long address, long result) {
        f.put64(p, type | (long) flags << 16);
        f.put64(p + 8, address);
        assertThat(f.hypercall(30, 0, p)).isEqualTo(result);
    }

    @Test void segmentBasesGoWhereTheNextToggleWantsThem() {
        assertThat(f.hypercall(25, 0, 0x1000)).isZero();
        assertThat(f.hypercall(25, 1, 0x2000)).isZero();
        assertThat(f.hypercall(25, 2, 0xffff_8880_0000_0000L)).isZero();
        assertThat(c.get64(VcpuContext.FS_BASE)).isEqualTo(0x1000);
        assertThat(c.get64(VcpuContext.GS_BASE_OTHER)).isEqualTo(0x2000);
        assertThat(c.get64(VcpuContext.GS_BASE)).isEqualTo(0xffff_8880_0000_0000L);
        assertThat(f.hypercall(25, 0, 0x8000_0000_0000L)).isEqualTo(EINVAL);
        assertThat(f.hypercall(25, 4, 0)).isEqualTo(EINVAL);
    }

    @Test void badUserGsSelectorBecomesNull() {
        f.hypercall(25, 1, 0x2000);
        assertThat(f.hypercall(25, 3, 0x1238)).isZero();
        assertThat(c.selector(VcpuContext.GS)).isZero();
        assertThat(c.get64(VcpuContext.GS_BASE_OTHER)).isZero();
    }

    @Test void flatUserGsSelectorLoads() {
        assertThat(f.hypercall(25, 3, 0xe02b)).isZero();
        assertThat(c.selector(VcpuContext.GS)).isEqualTo(0xe02b);
    }

    @Test void debugRegistersRefuseWhatWouldTouchTheHypervisor() {
        assertThat(f.hypercall(8, 0, 0x40_0000)).isZero();
        assertThat(f.hypercall(9, 0)).isEqualTo(0x40_0000);
        assertThat(f.hypercall(8, 1, 0xffff_8000_1234_0000L)).isEqualTo(EPERM);
        assertThat(f.hypercall(8, 1, 0x8000_0000_0000L)).isEqualTo(EPERM);
        assertThat(f.hypercall(8, 7, 1L << 32)).isEqualTo(EINVAL);
        assertThat(f.hypercall(8, 7, 1 << 13)).as("general detect").isEqualTo(EPERM);
        assertThat(f.hypercall(8, 7, 0x2_0001)).as("I/O breakpoint without CR4.DE").isEqualTo(EPERM);
        assertThat(f.hypercall(8, 7, 0x1_0001)).isZero();
        assertThat(f.hypercall(9, 7)).isEqualTo(0x1_0401);
        assertThat(f.hypercall(8, 6, 0)).isZero();
        assertThat(f.hypercall(9, 6)).isEqualTo(0xffff_0ff0L);
        assertThat(f.hypercall(9, 4)).as("alias of DR6").isEqualTo(0xffff_0ff0L);
        assertThat(f.hypercall(8, 8, 0)).isEqualTo(ENODEV);
        assertThat(f.hypercall(9, 8)).isEqualTo(ENODEV);
        assertThat(f.hypercall(9, -1)).isEqualTo(ENODEV);
    }

    @Test void vmAssistKnowsTheTypesOfA64BitGuest() {
        assertThat(f.hypercall(21, 0, 5)).isZero();
        assertThat(f.hypercall(21, 0, 32)).isZero();
        assertThat(f.domain.assists).isEqualTo(1L << 32 | 1 << 5);
        assertThat(f.hypercall(21, 1, 5)).isZero();
        assertThat(f.domain.assists).isEqualTo(1L << 32);
        assertThat(f.hypercall(21, 0, 6)).isEqualTo(EINVAL);
        assertThat(f.hypercall(21, 0, 64)).isEqualTo(EINVAL);
        assertThat(f.hypercall(21, 2, 5)).isEqualTo(ENOSYS);
    }

    @Test void taskSwitchFollowsTheCall() {
        f.hypercall(5, 1);
        assertThat(c.get32(VcpuContext.TASK_SWITCHED)).isEqualTo(1);
        f.hypercall(5, 0);
        assertThat(c.get32(VcpuContext.TASK_SWITCHED)).isZero();
    }
}
