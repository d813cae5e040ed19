package xen.kernel.trap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.CoreFixture;

/** Selectors that cannot be loaded any more when a vCPU is scheduled. */
class FailsafeTest {
    private static final long H = 0xffff_ffff_8100_0000L;
    private static final int FAILSAFE = 1, GONE = 0x1233;
    private final CoreFixture f = new CoreFixture();
    private final VcpuContext c = f.c;
    private final long stack = f.free + 0x2000;

    @BeforeEach void callback() {
        f.hypercall(3, 0xe02b, stack);
        register(0);
        f.v.info.mask(0);
        c.rip(0x40_1000);
        c.gpr(VcpuContext.RSP, 0x7fff_0008L);
        c.gpr(VcpuContext.RCX, 0xc);
        c.gpr(11, 0xb);
    }

    private void register(int flags) {
        long p = f.free + 0x9000;
        f.put64(p, FAILSAFE | (long) flags << 16);
        f.put64(p + 8, H);
        assertThat(f.hypercallInKernel(30, 0, p)).isZero();
    }

    private void schedule() {
        f.core.lock.lock();
        try {
            f.core.exits.enter(f.v, 0);
        } finally {
            f.core.lock.unlock();
        }
    }

    private long word(int i) { return f.get64(stack - 88 + 8L * i); }

    @Test void selectorsThatCanBeLoadedAreLoaded() {
        f.userMode();
        c.selector(VcpuContext.DS, 0xe02b);
        c.selector(VcpuContext.ES, 3);
        schedule();
        assertThat(c.rip()).isEqualTo(0x40_1000);
        assertThat(Raw.getU32(c.base + VcpuContext.SEGMENTS + 16 * VcpuContext.DS + 4)).as("limit").isEqualTo(0xffff_ffffL);
    }

    @Test void oneThatCannotBeLoadedIsNullAndTheFrameHasIt() {
        f.userMode();
        c.selector(VcpuContext.CS, 0xe033);
        c.selector(VcpuContext.DS, GONE);
        c.selector(VcpuContext.ES, 0xe02b);
        c.selector(VcpuContext.GS, GONE + 8);
        c.flags(0x346);
        schedule();
        assertThat(c.rip()).isEqualTo(H);
        assertThat(c.userMode()).isFalse();
        assertThat(c.gpr(VcpuContext.RSP)).isEqualTo(stack - 88);
        long[] frame = {0xc, 0xb, GONE, 0xe02b, 0, GONE + 8, 0x40_1000, 0xe033, 0x346, 0x7fff_0008L, 0xe02b};
        for (int i = 0; i < frame.length; i++) {
            assertThat(word(i)).as("word %d", i).isEqualTo(frame[i]);
        }
        assertThat(c.selector(VcpuContext.DS)).isZero();
        assertThat(c.selector(VcpuContext.ES)).isEqualTo(0xe02b);
        assertThat(c.flags() & 0x100).as("TF").isZero();
        assertThat(f.v.info.mask()).isZero();
        assertThat(f.counter("failsafe")).isEqualTo(1);
        schedule();
        assertThat(f.counter("failsafe")).as("a null selector can be loaded").isEqualTo(1);
    }

    @Test void theCallbackMasksEventsWhenItWasRegisteredSo() {
        register(1);
        f.userMode();
        c.selector(VcpuContext.FS, GONE);
        schedule();
        assertThat(f.v.info.mask()).isEqualTo(1);
        assertThat(word(7) >>> 32).as("saved mask").isZero();
    }

    @Test void aKernelStackThatCannotBeWrittenCrashesTheDomain() {
        f.userMode();
        c.selector(VcpuContext.FS, GONE);
        f.cpu.refused.add(stack - 88 >>> 12);
        schedule();
        assertThat(f.domain.crashReport().orElseThrow()).contains("failsafe");
    }
}
