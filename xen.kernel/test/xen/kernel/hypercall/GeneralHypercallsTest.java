package xen.kernel.hypercall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.HypercallHandler;
import xen.kernel.core.CoreFixture;

/** xen_version, console_io, multicall, physdev_op, and handlers that plugins contribute. */
class GeneralHypercallsTest {
    private static final long EFAULT = -14, EINVAL = -22, ENOSYS = -38, EPERM = -1, UNMAPPED = 0x7000_0000_0000L;
    private final CoreFixture f = new CoreFixture();
    private final long p = f.free;

    private String text(long va, int max) {
        byte[] b = new byte[max];
        Raw.get(f.host(va), b, 0, max);
        String s = new String(b, StandardCharsets.US_ASCII);
        return s.substring(0, s.indexOf(0));
    }

    @Test void versionIsXen417WithTheFeaturesOfAPvGuest() {
        assertThat(f.hypercall(17, 0)).isEqualTo(4 << 16 | 17);
        assertThat(f.hypercall(17, 1, p)).isZero();
        assertThat(text(p, 16)).startsWith(".");
        assertThat(f.hypercall(17, 3, p)).isZero();
        assertThat(text(p, 1024)).contains("xen-3.0-x86_64");
        assertThat(f.hypercall(17, 5, p)).isZero();
        assertThat(f.get64(p)).isEqualTo(0xffff_8000_0000_0000L);
        f.put64(p, 0);
        assertThat(f.hypercall(17, 6, p)).isZero();
        assertThat(f.get64(p) >>> 32).isEqualTo(0x220e0);
        f.put64(p, 1);
        assertThat(f.hypercall(17, 6, p)).isEqualTo(EINVAL);
        assertThat(f.hypercall(17, 7, 0)).isEqualTo(4096);
        assertThat(f.hypercall(17, 8, p)).isZero();
        assertThat(f.get64(p)).isEqualTo(Long.reverseBytes(0x0123456789abcdefL));
        assertThat(f.hypercall(17, 9, p)).isZero();
        assertThat(text(p, 16)).isEqualTo("<denied>");
        assertThat(f.hypercall(17, 10, p)).isEqualTo(EPERM);
        assertThat(f.hypercall(17, 99, p)).isEqualTo(ENOSYS);
        for (int sub = 1; sub <= 9; sub++) {
            if (sub != 7) {
                assertThat(f.hypercall(17, sub, UNMAPPED)).as("sub-op %d", sub).isEqualTo(EFAULT);
            }
        }
    }

    @Test void aResultThatCrossesIntoAnUnmappedPageWritesNothing() {
        long va = f.free + 0x1ff8;
        f.cpu.refused.add(f.free + 0x2000 >>> 12);
        assertThat(f.hypercall(17, 3, va)).isEqualTo(EFAULT);
        assertThat(f.get64(va)).isZero();
    }

    @Test void nothingIsReadFromOrWrittenToTheHypervisorsRange() {
        f.cpu.identity = false;
        for (long va : new long[] {0xffff_8000_0000_0000L, 0xffff_87ff_ffff_ffffL, 0x8000_0000_0000L, 0xffff_7fff_ffff_f000L}) {
            assertThat(GuestAccess.addressOk(va)).as("%x", va).isFalse();
            assertThat(f.hypercall(17, 1, va)).isEqualTo(EFAULT);
        }
        assertThat(GuestAccess.addressOk(0xffff_8800_0000_0000L)).isTrue();
        assertThat(GuestAccess.addressOk(0x7fff_ffff_ffffL)).isTrue();
    }

    @Test void consoleOutputGoesToDmesgLineByLineAndCleaned() {
        byte[] text = "hello\u001b[0m\n(XEN) not me\nrest".getBytes(StandardCharsets.ISO_8859_1);
        Raw.put(f.host(p), text, 0, text.length);
        assertThat(f.hypercall(18, 0, text.length, p)).isZero();
        assertThat(f.core.log.text()).contains("(d1) hello[0m\n(d1) (XEN) not me\n").doesNotContain("rest");
        assertThat(f.hypercall(18, 1, 10, p)).isZero();
        assertThat(f.hypercall(18, 0, 10, UNMAPPED)).isEqualTo(EFAULT);
        assertThat(f.hypercall(18, 0, -5, p)).isNegative();
        assertThat(f.hypercall(18, 7, 0, p)).isEqualTo(ENOSYS);
    }

    @Test void longConsoleOutputIsDoneInPieces() {
        f.c.rip(0x1000);
        long r = f.hypercall(18, 0, 10_000, p);
        assertThat(r).as("RAX is the number again").isEqualTo(18);
        assertThat(f.c.rip()).as("re-executes").isEqualTo(0x1000);
        assertThat(f.c.gpr(VcpuContext.RSI)).isEqualTo(10_000 - 4096);
        assertThat(f.c.gpr(VcpuContext.RDX)).isEqualTo(p + 4096);
    }

    @Test void dmesgStaysBounded() {
        byte[] text = new byte[4096];
        java.util.Arrays.fill(text, (byte) 'x');
        Raw.put(f.host(p), text, 0, text.length);
        for (int i = 0; i < 200; i++) {
            f.hypercall(18, 0, 4096, p);
        }
        assertThat(f.core.log.text().length()).isLessThan(1 << 18);
    }

    private void entry(int i, long op, long... args) {
        f.put64(p + 64L * i, op);
        for (int a = 0; a < 6; a++) {
            f.put64(p + 64L * i + 16 + 8L * a, a < args.length ? args[a] : 0);
        }
    }

    @Test void multicallDoesAllEntriesAndWritesTheirResults() {
        entry(0, 17, 0);
        entry(1, 63);
        entry(2, 13, p, 1);
        entry(3, 17, 1, UNMAPPED);
        entry(4, 23);
        entry(5, 5, 1);
        assertThat(f.hypercall(13, p, 6)).isZero();
        assertThat(f.get64(p + 8)).isEqualTo(4 << 16 | 17);
        assertThat(f.get64(p + 64 + 8)).isEqualTo(ENOSYS);
        assertThat(f.get64(p + 128 + 8)).as("nested").isEqualTo(EINVAL);
        assertThat(f.get64(p + 192 + 8)).isEqualTo(EFAULT);
        assertThat(f.get64(p + 256 + 8)).as("iret has no place in a list").isEqualTo(ENOSYS);
        assertThat(f.get64(p + 320 + 8)).isZero();
        assertThat(f.c.get32(VcpuContext.TASK_SWITCHED)).isEqualTo(1);
        assertThat(f.counter("hypercall.fpu_taskswitch")).isEqualTo(1);
    }

    @Test void multicallWithABadListFaultsBeforeTheEntryIsDone() {
        f.cpu.refused.add(p + 4096 >>> 12);
        entry(63, 17, 0);
        assertThat(f.hypercall(13, p + 63 * 64, 2)).isEqualTo(EFAULT);
        assertThat(f.get64(p + 63 * 64 + 8)).isEqualTo(4 << 16 | 17);
        assertThat(f.hypercall(13, UNMAPPED, 1)).isEqualTo(EFAULT);
        assertThat(f.hypercall(13, UNMAPPED, 0)).isZero();
    }

    @Test void longMulticallIsDoneInPieces() {
        for (int i = 0; i < 600; i++) {
            entry(i, 17, 0);
        }
        f.c.rip(0x1000);
        assertThat(f.hypercall(13, p, 600)).isEqualTo(13);
        assertThat(f.c.rip()).isEqualTo(0x1000);
        assertThat(f.c.gpr(VcpuContext.RSI)).isEqualTo(88);
        assertThat(f.get64(p + 511 * 64 + 8)).isEqualTo(4 << 16 | 17);
        assertThat(f.get64(p + 512 * 64 + 8)).isZero();
        assertThat(f.hypercall(13, f.c.gpr(VcpuContext.RDI), f.c.gpr(VcpuContext.RSI))).isZero();
        assertThat(f.get64(p + 599 * 64 + 8)).isEqualTo(4 << 16 | 17);
    }

    @Test void multicallStopsWithTheDomain() {
        f.core.hypercalls.contribute(50, c -> {
            f.core.life.crash(f.v, "by the plugin");
            return 0;
        });
        entry(0, 50);
        entry(1, 5, 1);
        f.hypercall(13, p, 2);
        assertThat(f.c.get32(VcpuContext.TASK_SWITCHED)).isZero();
    }

    @Test void physicalPlatformIsNotTheGuests() {
        f.put32(p, 1);
        assertThat(f.hypercall(33, 6, p)).isZero();
        f.put32(p, 4);
        assertThat(f.hypercall(33, 6, p)).isEqualTo(EINVAL);
        assertThat(f.hypercall(33, 6, UNMAPPED)).isEqualTo(EFAULT);
        assertThat(f.hypercall(33, 13, p)).isEqualTo(EPERM);
        assertThat(f.hypercall(33, 28, p)).isEqualTo(ENOSYS);
        assertThat(f.hypercall(7, p)).isEqualTo(EPERM);
        assertThat(f.hypercall(36, p)).isEqualTo(EPERM);
        assertThat(f.hypercall(35, p)).isEqualTo(EPERM);
    }

    @Test void pluginsTakeOnlyNumbersThatTheCoreLeavesFree() {
        List<Long> seen = new ArrayList<>();
        HypercallHandler h = c -> {
            seen.add(c.arg(0));
            return c.get64(c.arg(1));
        };
        assertThat(f.core.hypercalls.contribute(17, h)).isFalse();
        assertThat(f.core.hypercalls.contribute(64, h)).isFalse();
        assertThat(f.core.hypercalls.contribute(-1, h)).isFalse();
        assertThat(f.core.hypercalls.contribute(50, h)).isTrue();
        assertThat(f.core.hypercalls.contribute(50, c -> 0)).as("taken").isFalse();
        f.put64(p, 99);
        assertThat(f.hypercall(50, 7, p)).isEqualTo(99);
        assertThat(f.hypercall(50, 7, UNMAPPED)).isEqualTo(EFAULT);
        assertThat(seen).containsExactly(7L, 7L);
        f.core.hypercalls.withdraw(50, h);
        assertThat(f.hypercall(50)).isEqualTo(ENOSYS);
        assertThat(f.counter("hypercall.plugin.50")).isEqualTo(2);
        assertThat(f.counter("hypercall.unknown.50")).isEqualTo(1);
    }

    @Test void aPluginThatThrowsIsDroppedAndTheGuestGoesOn() {
        f.core.hypercalls.contribute(51, c -> {
            throw new IllegalStateException("broken plugin");
        });
        assertThat(f.hypercall(51)).isEqualTo(ENOSYS);
        assertThat(f.core.hypercalls.contribute(51, c -> 5)).as("free again").isTrue();
        assertThat(f.hypercall(51)).isEqualTo(5);
    }

    @Test void hypercallPageStubsLoadTheirNumber() {
        HypercallPage.fill(f.host(p));
        byte[] stub = new byte[14];
        Raw.get(f.host(p + 29 * 32), stub, 0, 14);
        assertThat(stub).containsExactly(0x51, 0x41, 0x53, 0xb8, 29, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3);
        Raw.get(f.host(p + 23 * 32), stub, 0, 11);
        assertThat(stub).startsWith(0x51, 0x41, 0x53, 0x50, 0xb8, 23, 0, 0, 0, 0x0f, 0x05);
    }
}
