package xen.kernel.trap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.CoreFixture;
import xen.kernel.core.VcpuImpl;

/** vcpu_op's sub-operations, VCPUOP_initialise with each field, and what must be refused. */
class VcpuOpTest {
    private static final long EFAULT = -14, EINVAL = -22, ENOENT = -2, ENOSYS = -38, EEXIST = -17, UNMAPPED = 0x7000_0000_0000L;
    private static final int INITIALISE = 0, UP = 1, DOWN = 2, IS_UP = 3, RUNSTATE = 4, RUNSTATE_AREA = 5, SET_PERIODIC = 6, STOP_PERIODIC = 7,
            SET_SINGLESHOT = 8, STOP_SINGLESHOT = 9, REGISTER_INFO = 10, SEND_NMI = 11, TIME_AREA = 13;
    private final CoreFixture f = new CoreFixture(2, false);
    private final VcpuImpl second = f.domain.vcpu(1);
    private final long p = f.free + 0x1_0000;

    private long op(int cmd, long vcpu, long arg) { return f.hypercall(24, cmd, vcpu, arg); }

    /** A context for vCPU 1 with a page-table frame of the domain as root; returns the root's mfn. */
    private long context() {
        long[] frames = f.domain.memory.populate(0, 2);
        f.domain.memory.pinTable(xen.kernel.api.control.PageTableLevel.L4, frames[0]);
        f.put64(p + 512, 4);
        f.put64(p + 520, 0xf15);
        f.put64(p + 520 + 40, 0xb);
        f.put64(p + 520 + 112, 0xd1);
        f.put64(p + 520 + 128, 0xffff_ffff_8100_0000L);
        f.put16(p + 520 + 136, 0xe030);
        f.put64(p + 520 + 144, 0x1202);
        f.put64(p + 520 + 152, 0xffff_ffff_8200_0000L);
        f.put16(p + 520 + 160, 0xe02b);
        f.put64(p + 720 + 16 * 14, 14 | 4 << 8);
        f.put64(p + 720 + 16 * 14 + 8, 0xffff_ffff_8100_0e00L);
        f.put64(p + 4832, frames[1]);
        f.put64(p + 4960, 32);
        f.put64(p + 4968, 0xe02b);
        f.put64(p + 4976, 0xffff_ffff_8200_0000L);
        f.put64(p + 4984 + 24, frames[0] << 12);
        f.put64(p + 5112, 0xffff_ffff_8100_0100L);
        f.put64(p + 5120, 0xffff_ffff_8100_0200L);
        f.put64(p + 5128, 0xffff_ffff_8100_0300L);
        f.put64(p + 5144, 0x7000);
        f.put64(p + 5152, 0xffff_8880_0000_0000L);
        f.put64(p + 5160, 0x6000);
        return frames[0];
    }

    @Test void askingPastTheLastVcpuFailsSoThatLinuxCanCount() {
        assertThat(op(IS_UP, 0, 0)).isNotNegative();
        assertThat(op(IS_UP, 1, 0)).isZero();
        assertThat(op(IS_UP, 2, 0)).isEqualTo(ENOENT);
        assertThat(op(IS_UP, -1, 0)).isEqualTo(ENOENT);
        assertThat(op(IS_UP, Integer.MAX_VALUE, 0)).isEqualTo(ENOENT);
    }

    @Test void initialiseTakesEveryFieldAndUpStartsTheVcpu() {
        long root = context();
        assertThat(op(UP, 1, 0)).as("not before it is initialised").isEqualTo(EINVAL);
        assertThat(op(INITIALISE, 1, p)).isZero();
        VcpuContext c = second.context;
        assertThat(c.gpr(15)).isEqualTo(0xf15);
        assertThat(c.gpr(VcpuContext.RBX)).isEqualTo(0xb);
        assertThat(c.gpr(VcpuContext.RDI)).isEqualTo(0xd1);
        assertThat(c.rip()).isEqualTo(0xffff_ffff_8100_0000L);
        assertThat(c.selector(VcpuContext.CS)).isEqualTo(0xe033);
        assertThat(c.selector(VcpuContext.SS)).isEqualTo(0xe02b);
        assertThat(c.flags()).isEqualTo(0x202);
        assertThat(second.traps.iopl).isEqualTo(1);
        assertThat(c.gpr(VcpuContext.RSP)).isEqualTo(0xffff_ffff_8200_0000L);
        assertThat(c.get64(VcpuContext.KERNEL_ROOT)).isEqualTo(root);
        assertThat(c.userMode()).isFalse();
        assertThat(c.get64(VcpuContext.FS_BASE)).isEqualTo(0x7000);
        assertThat(c.get64(VcpuContext.GS_BASE)).isEqualTo(0xffff_8880_0000_0000L);
        assertThat(c.get64(VcpuContext.GS_BASE_OTHER)).isEqualTo(0x6000);
        assertThat(second.traps.handler[14]).isEqualTo(0xffff_ffff_8100_0e00L);
        assertThat(second.traps.handlerFlags[14]).isEqualTo(4);
        assertThat(second.traps.eventCallback).isEqualTo(0xffff_ffff_8100_0100L);
        assertThat(second.traps.failsafeCallback).isEqualTo(0xffff_ffff_8100_0200L);
        assertThat(second.traps.syscallCallback).isEqualTo(0xffff_ffff_8100_0300L);
        assertThat(second.traps.kernelSp).isEqualTo(0xffff_ffff_8200_0000L);
        assertThat(op(INITIALISE, 1, p)).isEqualTo(EEXIST);
        assertThat(op(UP, 1, 0)).isZero();
        assertThat(op(IS_UP, 1, 0)).isEqualTo(1);
    }

    @Test void initialiseLoadsTheFpuImage() {
        context();
        f.put64(p + 512, 5);
        f.put16(p, 0x27f);
        f.put16(p + 2, 7 << 11);
        f.put8(p + 4, 0x80);
        f.put64(p + 32, 0x8000_0000_0000_0000L);
        f.put16(p + 40, 0x3fff);
        f.put32(p + 24, 0x1f80);
        f.put64(p + 160, 0x1234);
        assertThat(op(INITIALISE, 1, p)).isZero();
        long b = second.context.base;
        assertThat(Raw.get16(b + VcpuContext.FCW)).isEqualTo(0x27f);
        assertThat(Raw.get16(b + VcpuContext.FTW)).as("only R7 is valid").isEqualTo(0x3fff);
        assertThat(Raw.get64(b + VcpuContext.X87 + 16 * 7)).isEqualTo(0x8000_0000_0000_0000L);
        assertThat(Raw.get64(b + VcpuContext.VEC)).isEqualTo(0x1234);
    }

    @Test void initialiseRefusesForeignFramesAndLeavesTheVcpuAlone() {
        context();
        f.put64(p + 4984 + 24, f.free);
        assertThat(op(INITIALISE, 1, p)).as("not its frame").isEqualTo(EINVAL);
        f.put64(p + 4984 + 24, -1L);
        assertThat(op(INITIALISE, 1, p)).isEqualTo(EINVAL);
        context();
        f.put64(p + 4832, f.free >>> 12);
        assertThat(op(INITIALISE, 1, p)).as("foreign GDT").isNegative();
        context();
        f.put64(p + 4960, 15 * 512);
        assertThat(op(INITIALISE, 1, p)).as("GDT too long").isEqualTo(EINVAL);
        context();
        f.put64(p + 520 + 128, 0x8000_0000_0000L);
        assertThat(op(INITIALISE, 1, p)).as("rip not canonical").isEqualTo(EINVAL);
        context();
        f.put64(p + 720 + 16 * 255 + 8, 0x8000_0000_0000L);
        assertThat(op(INITIALISE, 1, p)).as("trap not canonical").isEqualTo(EINVAL);
        assertThat(op(INITIALISE, 1, UNMAPPED)).isEqualTo(EFAULT);
        assertThat(op(UP, 1, 0)).isEqualTo(EINVAL);
        assertThat(second.context.get64(VcpuContext.KERNEL_ROOT)).isZero();
    }

    @Test void theLastVcpuThatGoesDownPowersTheDomainOff() {
        assertThat(op(DOWN, 0, 0)).isZero();
        assertThat(f.domain.state()).isEqualTo(DomainState.SHUTDOWN);
    }

    @Test void timersAreCheckedAndOnlyForOneself() {
        f.put64(p, 999_999);
        assertThat(op(SET_PERIODIC, 0, p)).as("below a millisecond").isEqualTo(EINVAL);
        f.put64(p, -1L);
        assertThat(op(SET_PERIODIC, 0, p)).isEqualTo(EINVAL);
        f.put64(p, 10_000_000);
        assertThat(op(SET_PERIODIC, 0, p)).isZero();
        assertThat(op(STOP_PERIODIC, 0, 0)).isZero();
        assertThat(op(SET_SINGLESHOT, 1, p)).isEqualTo(EINVAL);
        assertThat(op(STOP_SINGLESHOT, 1, 0)).isEqualTo(EINVAL);
        assertThat(op(STOP_SINGLESHOT, 0, 0)).isZero();
        assertThat(op(SET_PERIODIC, 0, UNMAPPED)).isEqualTo(EFAULT);
    }

    @Test void areasMustBeGuestAddresses() {
        f.put64(p, 0xffff_8000_0000_0000L);
        assertThat(op(RUNSTATE_AREA, 0, p)).isEqualTo(EFAULT);
        assertThat(op(TIME_AREA, 0, p)).isEqualTo(EFAULT);
        f.put64(p, p + 0x100);
        assertThat(op(RUNSTATE_AREA, 0, p)).isZero();
        assertThat(op(TIME_AREA, 0, p)).isZero();
        assertThat(op(RUNSTATE_AREA, 0, UNMAPPED)).isEqualTo(EFAULT);
    }

    @Test void runstateIsWrittenWhole() {
        f.put64(p, -1);
        assertThat(op(RUNSTATE, 0, p)).isZero();
        assertThat(Raw.get32(f.host(p))).isBetween(0, 3);
        assertThat(op(RUNSTATE, 0, UNMAPPED)).isEqualTo(EFAULT);
    }

    @Test void vcpuInfoMovesOnceIntoAFrameOfTheGuest() {
        long frame = f.domain.memory.populate(0, 1)[0];
        f.put64(p, f.free >>> 12);
        f.put32(p + 8, 0);
        assertThat(op(REGISTER_INFO, 0, p)).as("foreign frame").isEqualTo(EINVAL);
        f.put64(p, frame);
        f.put32(p + 8, 4096 - 56);
        assertThat(op(REGISTER_INFO, 0, p)).as("runs out of the page").isEqualTo(EINVAL);
        f.put32(p + 8, 64);
        assertThat(op(REGISTER_INFO, 0, p)).isZero();
        assertThat(f.v.info.address()).isEqualTo(f.core.memory.address(frame) + 64);
        assertThat(op(REGISTER_INFO, 0, p)).isEqualTo(EINVAL);
    }

    @Test void nmiIsQueuedAndTakesNoArgument() {
        assertThat(op(SEND_NMI, 1, p)).isEqualTo(EINVAL);
        assertThat(op(SEND_NMI, 1, 0)).isZero();
        assertThat(second.traps.nmiPending).isTrue();
        assertThat(op(14, 0, p)).isEqualTo(ENOSYS);
    }
}
