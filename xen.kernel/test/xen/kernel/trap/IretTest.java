package xen.kernel.trap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.CoreFixture;

/** HYPERVISOR_iret in all its forms, and frames that a hostile kernel could try. */
class IretTest {
    private static final long H = 0xffff_ffff_8100_0000L;
    private final CoreFixture f = new CoreFixture();
    private final VcpuContext c = f.c;
    private long frame = f.free + 0x1000;
    private long rsp = 0x7fff_0000L;

    @BeforeEach void handlers() {
        f.trap(13, 0, H);
        f.hypercall(4, H + 0x100, 0, 0);
        c.put64(VcpuContext.USER_ROOT, 77);
        f.v.info.mask(1);
    }

    private void iret(long flags, long cs, long rflags, long ss) {
        long[] w = {0xa, 0xb, 0xc, flags, 0x40_2000, cs, rflags, rsp, ss};
        for (int i = 0; i < w.length; i++) {
            f.put64(frame + 8L * i, w[i]);
        }
        c.gpr(VcpuContext.RSP, frame);
        f.step((x, b) -> {
            x.gpr(VcpuContext.RAX, 23);
            return Exit.SYSCALL;
        });
    }

    @Test void returnToUserModeTogglesAndRestoresEverything() {
        c.put64(VcpuContext.GS_BASE, 1);
        c.put64(VcpuContext.GS_BASE_OTHER, 2);
        iret(0, 0xe033, 0x246, 0xe02b);
        assertThat(c.userMode()).isTrue();
        assertThat(c.get64(VcpuContext.GS_BASE)).isEqualTo(2);
        assertThat(c.get64(VcpuContext.GS_BASE_OTHER)).isEqualTo(1);
        assertThat(c.gpr(VcpuContext.RAX)).isEqualTo(0xa);
        assertThat(c.gpr(11)).isEqualTo(0xb);
        assertThat(c.gpr(VcpuContext.RCX)).isEqualTo(0xc);
        assertThat(c.rip()).isEqualTo(0x40_2000);
        assertThat(c.gpr(VcpuContext.RSP)).isEqualTo(0x7fff_0000L);
        assertThat(c.flags()).isEqualTo(0x246);
        assertThat(f.v.info.mask()).as("IF set: events unmasked").isZero();
    }

    @Test void returnInsideTheKernelDoesNotToggleAndForcesRingThree() {
        iret(0, 0xe030, 0x46, 0xe028);
        assertThat(c.userMode()).isFalse();
        assertThat(c.selector(VcpuContext.CS)).isEqualTo(0xe033);
        assertThat(c.selector(VcpuContext.SS)).isEqualTo(0xe02b);
        assertThat(f.v.info.mask()).as("IF clear: events stay masked").isEqualTo(1);
        assertThat(c.flags() & 0x200).as("the real IF is always on").isEqualTo(0x200);
    }

    @Test void privilegedFlagsOfTheFrameAreDropped() {
        iret(0, 0xe033, -1L, 0xe02b);
        assertThat(c.flags()).isEqualTo(0x25_4fd7);
    }

    @Test void inSyscallReturnsTheWayOfSysret() {
        iret(1 << 8, 0x33, 0x246, 0x2b);
        assertThat(c.gpr(VcpuContext.RCX)).isEqualTo(0x40_2000);
        assertThat(c.gpr(11)).isEqualTo(0x246);
        assertThat(c.selector(VcpuContext.CS)).isEqualTo(0xe033);
        assertThat(c.selector(VcpuContext.SS)).isEqualTo(0xe02b);
        assertThat(c.gpr(VcpuContext.RAX)).isEqualTo(0xa);
        assertThat(c.userMode()).isTrue();
    }

    @Test void flatCompatibilitySegmentLeavesLongMode() {
        iret(0, 0xe023, 0x246, 0xe02b);
        assertThat(c.longMode()).isFalse();
        assertThat(Raw.getU32(c.base + VcpuContext.SEGMENTS + 16 * VcpuContext.CS + 4)).isEqualTo(0xffff_ffffL);
        assertThat(c.rip()).isEqualTo(0x40_2000);
    }

    @Test void frameMayCrossAPage() {
        frame = f.free + 0x1fd0;
        iret(0, 0xe033, 0x246, 0xe02b);
        assertThat(c.rip()).isEqualTo(0x40_2000);
        assertThat(c.gpr(VcpuContext.RSP)).isEqualTo(0x7fff_0000L);
    }

    @Test void unreadableFrameCrashesTheDomain() {
        f.cpu.refused.add(frame >>> 12);
        iret(0, 0xe033, 0x246, 0xe02b);
        assertThat(f.domain.crashReport().orElseThrow()).contains("iret frame");
    }

    @Test void frameInTheHypervisorsRangeCrashesTheDomain() {
        c.gpr(VcpuContext.RSP, 0xffff_8000_0000_0000L);
        f.step((x, b) -> {
            x.gpr(VcpuContext.RAX, 23);
            return Exit.SYSCALL;
        });
        assertThat(f.crashed()).isTrue();
    }

    @Test void returnToUserModeWithoutAUserPageTableCrashesTheDomain() {
        c.put64(VcpuContext.USER_ROOT, 0);
        iret(0, 0xe033, 0x246, 0xe02b);
        assertThat(f.domain.crashReport().orElseThrow()).contains("without a user page table");
        assertThat(c.userMode()).isFalse();
    }

    @Test void badSelectorsRaiseAGeneralProtectionFaultAtTheTarget() {
        f.hypercall(3, 0xe02b, f.free + 0x4000);
        iret(0, 0x1233, 0x246, 0xe02b);
        assertThat(c.rip()).isEqualTo(H);
        assertThat(c.gpr(VcpuContext.RSP)).isEqualTo(f.free + 0x4000 - 64);
        assertThat(f.get64(f.free + 0x4000 - 64 + 16)).as("error code is the selector").isEqualTo(0x1230);
        assertThat(f.get64(f.free + 0x4000 - 64 + 24)).as("rip is the target").isEqualTo(0x40_2000);
        iret(0, 0xe033, 0x246, 3);
        assertThat(f.get64(f.free + 0x4000 - 64 + 16)).as("null SS").isZero();
        assertThat(f.get64(f.free + 0x4000 - 64 + 56)).isEqualTo(3);
    }

    @Test void nullSelectorsOfDataSegmentsLoseTheirRpl() {
        c.selector(VcpuContext.DS, 3);
        c.selector(VcpuContext.GS, 2);
        c.selector(VcpuContext.ES, 0xe02b);
        iret(0, 0xe033, 0x246, 0xe02b);
        assertThat(c.selector(VcpuContext.DS)).isZero();
        assertThat(c.selector(VcpuContext.GS)).isZero();
        assertThat(c.selector(VcpuContext.ES)).isEqualTo(0xe02b);
    }

    @Test void unmaskingIretDeliversTheEventThatWaits() {
        Raw.put8(f.v.info.address(), 1);
        rsp = f.free + 0x3000;
        iret(0, 0xe030, 0x246, 0xe02b);
        assertThat(c.rip()).isEqualTo(H + 0x100);
        assertThat(f.v.info.mask()).isEqualTo(1);
    }

    @Test void ioplFollowsTheFrameOnlyWithTheArchitecturalAssist() {
        iret(0, 0xe030, 0x3246, 0xe02b);
        assertThat(f.v.traps.iopl).isZero();
        f.domain.assists = 1 << 4;
        iret(0, 0xe030, 0x3246, 0xe02b);
        assertThat(f.v.traps.iopl).isEqualTo(3);
    }
}
