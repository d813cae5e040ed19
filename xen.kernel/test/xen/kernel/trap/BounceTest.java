package xen.kernel.trap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.CoreFixture;
import xen.kernel.testing.FakeCpu;

/** Frames of the PV ABI, word for word, and what happens when one cannot be pushed. */
class BounceTest {
    private static final long HANDLER = 0xffff_ffff_8100_0000L;
    private final CoreFixture f = new CoreFixture();
    private final VcpuContext c = f.c;
    private final long stack = f.free + 0x2000;

    @BeforeEach void registers() {
        f.trap(13, 0, HANDLER);
        f.trap(6, 4, HANDLER + 0x600);
        f.hypercall(3, 0xe02b, stack);
        f.v.info.mask(0);
        reset();
    }

    private void reset() {
        c.rip(0x40_1234);
        c.gpr(VcpuContext.RSP, 0x7fff_1238L);
        c.gpr(VcpuContext.RCX, 0x1111);
        c.gpr(11, 0x2222);
        c.flags(0);
        c.selector(VcpuContext.CS, 0x33);
        c.selector(VcpuContext.SS, 0x2b);
    }

    @Test void exceptionFromUserModePushesTheWholeFrameOnTheKernelStack() {
        f.userMode();
        c.put64(VcpuContext.GS_BASE, 0x7f00_0000L);
        c.put64(VcpuContext.GS_BASE_OTHER, 0xffff_8880_0000_0000L);
        c.flags(0x8d5 | 0x100 | 0x400 | 0x4_0000 | 0x4000 | 0x1_0000);
        f.exception(13, 0x18, 0);
        long sp = stack - 64;
        assertThat(c.gpr(VcpuContext.RSP)).isEqualTo(sp);
        assertThat(words(sp, 8)).containsExactly(0x1111, 0x2222, 0x18, 0x40_1234, 0x33, 0x5_4fd7 | 0x200, 0x7fff_1238L, 0x2b);
        assertThat(c.rip()).isEqualTo(HANDLER);
        assertThat(c.selector(VcpuContext.CS)).isEqualTo(0xe033);
        assertThat(c.selector(VcpuContext.SS)).isEqualTo(0xe02b);
        assertThat(c.userMode()).isFalse();
        assertThat(c.longMode()).isTrue();
        // TF, NT, RF, AC are cleared, DF is the guest's business
        assertThat(c.flags()).isEqualTo(0xed5 & ~0x100 | 0x202);
        assertThat(c.get64(VcpuContext.GS_BASE)).isEqualTo(0xffff_8880_0000_0000L);
        assertThat(c.get64(VcpuContext.GS_BASE_OTHER)).isEqualTo(0x7f00_0000L);
        assertThat(f.v.info.mask()).as("entry of #GP does not mask events").isZero();
        assertThat(f.counter("trap.13")).isEqualTo(1);
        assertThat(f.counter("exit.exception")).isEqualTo(1);
    }

    @Test void exceptionInTheKernelUsesItsOwnStackAndClearsTheRplOfCs() {
        c.selector(VcpuContext.CS, 0xe033);
        c.selector(VcpuContext.SS, 0xe02b);
        c.gpr(VcpuContext.RSP, f.free + 0x5018);
        f.v.info.mask(1);
        f.exception(6, 0, 0);
        long sp = f.free + 0x5010 - 56;
        assertThat(c.gpr(VcpuContext.RSP)).isEqualTo(sp);
        assertThat(words(sp, 7)).containsExactly(0x1111, 0x2222, 0x40_1234, 0x1_0000_e030L, 0x1_0002, f.free + 0x5018, 0xe02b);
        assertThat(c.rip()).isEqualTo(HANDLER + 0x600);
    }

    @Test void handlerThatMasksEventsSavesTheOldMaskAndSetsIt() {
        f.userMode();
        f.exception(6, 0, 0);
        assertThat(f.v.info.mask()).isEqualTo(1);
        long sp = stack - 56;
        assertThat(f.get64(sp + 24)).as("cs and saved mask").isEqualTo(0x33);
        assertThat(f.get64(sp + 32) & 0x200).as("IF = not masked").isEqualTo(0x200);
    }

    @Test void frameMayCrossAPage() {
        f.hypercallInKernel(3, 0xe02b, f.free + 0x3020);
        reset();
        f.userMode();
        f.exception(13, 0x18, 0);
        long sp = f.free + 0x3020 - 64;
        assertThat(words(sp, 8)).containsExactly(0x1111, 0x2222, 0x18, 0x40_1234, 0x33, 0x1_0202, 0x7fff_1238L, 0x2b);
        assertThat(f.cpu.contentChanges).contains((int) (sp >>> 12), (int) (sp >>> 12) + 1);
    }

    @Test void ioplShowsInTheFrameOnlyWithTheArchitecturalAssist() {
        f.v.traps.iopl(1);
        f.userMode();
        f.exception(13, 0, 0);
        assertThat(f.get64(stack - 64 + 40) & 0x3000).isZero();
        f.domain.assists = 1 << 4;
        f.userMode();
        f.exception(13, 0, 0);
        assertThat(f.get64(stack - 64 + 40) & 0x3000).isEqualTo(0x1000);
    }

    @Test void unmappedKernelStackCrashesTheDomainOnly() {
        f.userMode();
        f.cpu.refused.add(stack - 64 >>> 12);
        f.exception(13, 0, 0);
        assertThat(f.domain.state()).isEqualTo(DomainState.SHUTDOWN);
        assertThat(f.domain.shutdownReason()).contains(ShutdownReason.CRASH);
        assertThat(f.domain.crashReport().orElseThrow()).contains("double fault").contains("0033:[<0000000000401234>]");
        assertThat(c.userMode()).as("report shows what was interrupted").isTrue();
    }

    @Test void unmappedSecondPageOfAFrameCrashesToo() {
        c.selector(VcpuContext.CS, 0xe033);
        c.gpr(VcpuContext.RSP, f.free + 0x3020);
        f.cpu.refused.add(f.free + 0x3000 >>> 12);
        f.exception(13, 0, 0);
        assertThat(f.crashed()).isTrue();
    }

    @Test void stackInsideTheHypervisorsRangeCrashesTheDomain() {
        f.cpu.identity = false;
        for (long sp : new long[] {0xffff_8000_0000_1000L, 0xffff_87ff_ffff_fff8L, 0x8000_0000_0010L}) {
            CoreFixture g = new CoreFixture();
            g.trap(13, 0, HANDLER);
            g.c.gpr(VcpuContext.RSP, sp);
            g.exception(13, 0, 0);
            assertThat(g.crashed()).as("%x", sp).isTrue();
        }
    }

    @Test void exceptionWithoutHandlerCrashesTheDomainWithItsName() {
        f.userMode();
        f.exception(17, 0, 0);
        assertThat(f.domain.crashReport().orElseThrow()).contains("unhandled exception #AC");
    }

    @Test void pendingEventEntersTheEventCallbackWithEventsMasked() {
        f.hypercall(4, HANDLER + 0x100, HANDLER + 0x200, HANDLER + 0x300);
        c.rip(0x40_1234);
        f.userMode();
        xen.kernel.api.hw.Raw.put8(f.v.info.address(), 1);
        f.step(FakeCpu.exit(Exit.ATTENTION, 5));
        assertThat(c.rip()).isEqualTo(HANDLER + 0x100);
        assertThat(f.v.info.mask()).isEqualTo(1);
        assertThat(words(stack - 56, 4)).containsExactly(c.gpr(VcpuContext.RCX), c.gpr(11), 0x40_1234, 0x33);
        assertThat(f.counter("upcalls")).isEqualTo(1);
        f.step(FakeCpu.exit(Exit.ATTENTION, 5));
        assertThat(f.counter("upcalls")).as("masked now").isEqualTo(1);
    }

    @Test void nmiIsDeliveredOnceUntilIret() {
        f.trap(2, 4, HANDLER + 0x20);
        f.v.info.mask(1);
        f.userMode();
        f.v.traps.nmiPending = true;
        f.step(FakeCpu.exit(Exit.ATTENTION, 0));
        assertThat(c.rip()).isEqualTo(HANDLER + 0x20);
        f.v.traps.nmiPending = true;
        f.step(FakeCpu.exit(Exit.ATTENTION, 0));
        assertThat(f.v.traps.nmiPending).as("second one waits").isTrue();
    }

    private long[] words(long va, int n) {
        long[] w = new long[n];
        for (int i = 0; i < n; i++) {
            w[i] = f.get64(va + 8L * i);
        }
        return w;
    }
}
