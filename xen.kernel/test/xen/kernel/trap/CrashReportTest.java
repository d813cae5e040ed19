package xen.kernel.trap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import xen.kernel.api.control.DomainListener;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.CoreFixture;

/** What a report shows, over real page tables: l4 -> l3 -> l2 -> l1 -> one page at 0xffffffff81000000. */
class CrashReportTest {
    private static final long VA = 0xffff_ffff_8100_0000L;
    private final CoreFixture f = new CoreFixture();
    private final VcpuContext c = f.c;
    private final long tables = f.free + 0x1_0000, page = f.free + 0x2_0000;

    CrashReportTest() {
        f.cpu.identity = false;
        f.put64(tables + 8 * 511, tables + 0x1000 | 7);
        f.put64(tables + 0x1000 + 8 * 510, tables + 0x2000 | 7);
        f.put64(tables + 0x2000 + 8 * 8, tables + 0x3000 | 7);
        f.put64(tables + 0x3000, page | 7);
        c.put64(VcpuContext.KERNEL_ROOT, tables >>> 12);
        for (int i = 0; i < 64; i++) {
            f.put8(page + 0x100 + i, i);
        }
        c.rip(VA + 0x110);
        c.gpr(VcpuContext.RSP, VA + 0xfe0);
        f.put64(page + 0xfe8, VA + 0x222);
        c.gpr(15, 0xdead_beefL);
    }

    @Test void reportShowsReasonRegistersCodeStackAndWalk() {
        f.exception(14, 2, 0xffff_c900_0000_1000L);
        String r = f.domain.crashReport().orElseThrow();
        assertThat(r).contains("Domain 1 (guest) vcpu#0 crashed on no pCPU: unhandled exception #PF, error code 2")
                .contains("RIP:    e033:[<ffffffff81000110>]")
                .contains("CONTEXT: pv guest kernel   (d1v0)")
                .contains("r15: 00000000deadbeef")
                .contains("cr2: ffffc90000001000")
                .contains("Code: 00 01 02").contains("0f <10> 11")
                .contains("rsp=ffffffff81000fe0").contains("0000000000000000 ffffffff81000222")
                .contains("fault reading ffffffff81001000")
                .contains("Page-table walk of ffffc90000001000").contains("L4[192] = 0000000000000000 not present");
        assertThat(f.core.log.text()).contains("(XEN) RIP:    e033:[<ffffffff81000110>]");
    }

    @Test void symbolsNameCodeAndStackWords() {
        f.domain.symbols(va -> va >>> 12 == VA >>> 12 ? Optional.of("start_kernel+0x" + Long.toHexString(va & 0xfff)) : Optional.empty());
        f.core.life.crash(f.v, "test");
        String r = f.domain.crashReport().orElseThrow();
        assertThat(r).contains("RIP:    e033:[<ffffffff81000110>] start_kernel+0x110").contains("[<ffffffff81000222>] start_kernel+0x222");
    }

    @Test void aSymbolSourceThatThrowsDoesNotSpoilTheReport() {
        f.domain.symbols(va -> {
            throw new IllegalStateException("no symbols today");
        });
        f.core.life.crash(f.v, "test");
        assertThat(f.domain.crashReport().orElseThrow()).contains("ffffffff81000110");
    }

    @Test void garbageInPageTablesDoesNotReachTheHostsMemory() {
        f.put64(tables + 0x2000 + 8 * 8, 0x000f_ffff_ffff_f007L);
        f.core.life.crash(f.v, "test");
        assertThat(f.domain.crashReport().orElseThrow()).contains("no such frame").contains("<??>");
        CoreFixture g = new CoreFixture();
        g.c.put64(VcpuContext.KERNEL_ROOT, -1);
        g.core.life.crash(g.v, "bad root");
        assertThat(g.domain.crashReport().orElseThrow()).contains("no such frame");
    }

    @Test void largePagesAreFollowed() {
        f.put64(tables + 0x2000 + 8 * 8, (f.free & ~0x1f_ffffL) | 0x87);
        assertThat(xen.kernel.core.GuestWalk.host(f.core.memory, tables >>> 12, VA + 0x12_3456)).isEqualTo(f.host((f.free & ~0x1f_ffffL) + 0x12_3456));
    }

    @Test void theFirstEndOfADomainIsTheOneThatCounts() {
        List<String> told = new ArrayList<>();
        f.core.listeners.add(new DomainListener() {
            @Override public void shutdown(Domain d) { told.add(d.shutdownReason().toString()); }
        });
        f.core.life.crash(f.v, "first");
        f.core.life.crash(f.v, "second");
        f.core.life.shutdown(f.domain, ShutdownReason.POWEROFF);
        assertThat(f.domain.state()).isEqualTo(DomainState.SHUTDOWN);
        assertThat(f.domain.shutdownReason()).contains(ShutdownReason.CRASH);
        assertThat(f.domain.crashReport().orElseThrow()).contains("first").doesNotContain("second");
        assertThat(told).as("not inside the call").isEmpty();
        assertThat(Raw.get8(f.host(page + 0x101))).as("guest memory is as it was").isEqualTo(1);
    }
}
