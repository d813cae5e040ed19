package xen.toolstack.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.hw.Raw;
import xen.kernel.testing.FakeHypervisor;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.image.KernelImage;
import xen.toolstack.testing.TestKernel;

class DomainBuilderTest {
    private static final int PAGES = 2560;
    private final FakeHypervisor hv = new FakeHypervisor(16 << 20);
    private final byte[] ramdisk = new byte[10_000];
    private long[] mfns;

    @AfterEach void freeMemory() { hv.memory.close(); }

    private BuiltDomain build(TestKernel kernel, byte[] disk) {
        KernelImage image = KernelImage.of("k", kernel.elf());
        int domid = hv.create(new DomainConfig("d", new UUID(0, 1), PAGES, 1, false)).id();
        BootLayout layout = DomainBuilder.plan(image, disk, "console=hvc0", PAGES);
        BuiltDomain built = new DomainBuilder(hv).build(domid, image, disk, "console=hvc0", layout);
        mfns = hv.domains.get(domid).mfns;
        return built;
    }

    /** The L1 entry that maps {@code va}, found as a CPU would; 0 = not mapped. */
    private long entry(long va) {
        long table = hv.start.root();
        for (int shift = 39; shift > 12; shift -= 9) {
            long e = Raw.get64(hv.memory.address(table) + (va >>> shift & 511) * 8);
            if ((e & 1) == 0) {
                return 0;
            }
            assertThat(e & 7).as("a table's entry at 0x%x", va).isEqualTo(7);
            table = (e & 0xffffffffff000L) >>> 12;
        }
        return Raw.get64(hv.memory.address(table) + (va >>> 12 & 511) * 8);
    }

    private long host(long va) {
        long e = entry(va);
        assertThat(e & 1).as("0x%x is mapped", va).isEqualTo(1);
        return hv.memory.address((e & 0xffffffffff000L) >>> 12) + (va & 4095);
    }

    private long word(long va) { return Raw.get64(host(va)); }

    @Test void aLinuxKernelFindsItsSegmentsByPhysicalAddress() {
        build(TestKernel.linux(), null);
        assertThat(Raw.get8(host(TestKernel.LINUX_BASE + 0x100000))).isEqualTo(0x90);
        byte[] percpu = new byte[6];
        Raw.get(host(TestKernel.LINUX_BASE + 0x103000), percpu, 0, 6);
        assertThat(new String(percpu, StandardCharsets.US_ASCII)).isEqualTo("percpu");
    }

    @Test void startInfoSaysWhereEverythingIs() {
        BuiltDomain built = build(TestKernel.linux(), ramdisk);
        BootLayout l = built.layout();
        long si = hv.start.rsi();
        byte[] magic = new byte[14];
        Raw.get(host(si), magic, 0, 14);
        assertThat(new String(magic, StandardCharsets.US_ASCII)).isEqualTo("xen-3.0-x86_64");
        assertThat(word(si + 32)).isEqualTo(PAGES);
        assertThat(word(si + 40)).isEqualTo(hv.domains.get(built.domid()).sharedInfo << 12);
        assertThat(Raw.get32(host(si + 48))).isEqualTo(1 << 3);
        assertThat(word(si + 56)).isEqualTo(mfns[(int) l.store()]);
        assertThat(Raw.get32(host(si + 64))).isEqualTo(built.storePort());
        assertThat(word(si + 72)).isEqualTo(mfns[(int) l.console()]);
        assertThat(Raw.get32(host(si + 80))).isEqualTo(built.consolePort());
        assertThat(word(si + 88)).isEqualTo(l.va(l.tables().root()));
        assertThat(word(si + 96)).isEqualTo(l.tables().count());
        assertThat(word(si + 104)).isEqualTo(1L << 39);
        assertThat(word(si + 112)).as("the ramdisk's pfn").isEqualTo(l.ramdisk());
        assertThat(word(si + 120)).isEqualTo(ramdisk.length);
        byte[] line = new byte[12];
        Raw.get(host(si + 128), line, 0, 12);
        assertThat(new String(line, StandardCharsets.US_ASCII)).isEqualTo("console=hvc0");
        assertThat(word(si + 1152)).isEqualTo(l.p2m());
        assertThat(word(si + 1160)).isEqualTo(PAGES * 8 / 4096);
    }

    @Test void theP2mListIsMappedWhereTheGuestWantsIt() {
        build(TestKernel.linux(), null);
        for (int pfn = 0; pfn < PAGES; pfn++) {
            assertThat(word((1L << 39) + pfn * 8L)).isEqualTo(mfns[pfn]);
        }
    }

    @Test void everyPageOfTheBootstrapIsMappedAndTablesReadOnly() {
        BootLayout l = build(TestKernel.linux(), ramdisk).layout();
        assertThat(l.va(l.end()) & (4 << 20) - 1).isZero();
        for (long pfn = 0; pfn < l.end(); pfn++) {
            long e = entry(l.va(pfn));
            assertThat(hv.m2p.get((e & 0xffffffffff000L) >>> 12)).isEqualTo(pfn);
            assertThat((e & 2) != 0).as("pfn %d writable", pfn).isEqualTo(!l.tables().contains(pfn));
        }
        assertThat(entry(l.va(l.end()))).isZero();
        assertThat(l.end() - l.stack() - 1).as("512 KiB are free behind the stack").isGreaterThanOrEqualTo(128);
    }

    @Test void tablesComeInTheOrderThatLinuxRecognises() {
        BootLayout l = build(TestKernel.linux(), null).layout();
        long l4 = l.tables().root();
        assertThat(hv.start.root()).isEqualTo(mfns[(int) l4]);
        long l3 = Raw.get64(hv.memory.address(mfns[(int) l4]) + 511 * 8) >>> 12;
        assertThat(hv.m2p.get(l3)).isEqualTo(l4 + 1);
        long l2 = Raw.get64(hv.memory.address(l3) + 510 * 8) >>> 12;
        assertThat(hv.m2p.get(l2 & 0xffffffffffL)).isEqualTo(l4 + 2);
    }

    @Test void theStackIsTheLastPageOfTheBootstrapsData() {
        BootLayout l = build(TestKernel.linux(), null).layout();
        assertThat(hv.start.rsp()).isEqualTo(l.va(l.stack()) + 4096);
        assertThat(hv.start.rip()).isEqualTo(TestKernel.LINUX_BASE + 0x100010);
        assertThat(hv.calls).contains("pin L4");
        assertThat(hv.pinned).isEqualTo(hv.start.root());
    }

    @Test void aFlatKernelGetsEverythingInItsMapping() {
        BootLayout l = build(TestKernel.flat(), ramdisk).layout();
        long si = hv.start.rsi();
        assertThat(word(si + 104)).as("mfn_list").isEqualTo(l.p2m() << 12);
        assertThat(word(word(si + 104) + 5 * 8)).isEqualTo(mfns[5]);
        assertThat(Raw.get32(host(si + 48))).isZero();
        assertThat(word(si + 112)).as("the ramdisk's address").isEqualTo(l.ramdisk() << 12);
        assertThat(word(si + 1152)).isZero();
    }

    @Test void theHypercallPageHasAStubForEachNumber() {
        build(TestKernel.flat(), null);
        byte[] stub = new byte[14];
        Raw.get(host(0x3000 + 29 * 32), stub, 0, stub.length);
        assertThat(stub).containsExactly(0x51, 0x41, 0x53, 0xb8, 29, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3);
        assertThat(Raw.get8(host(0x3000 + 23 * 32 + 3))).as("iret pushes rax too").isEqualTo(0x50);
    }

    @Test void theRamdiskIsThereUnchanged() {
        new java.util.Random(1).nextBytes(ramdisk);
        BootLayout l = build(TestKernel.linux(), ramdisk).layout();
        for (int i = 0; i < ramdisk.length; i++) {
            assertThat((byte) Raw.get8(hv.memory.address(mfns[(int) l.ramdisk() + i / 4096]) + i % 4096)).isEqualTo(ramdisk[i]);
        }
    }

    @Test void upcallsStartMasked() {
        BuiltDomain built = build(TestKernel.linux(), null);
        long shared = hv.memory.address(hv.domains.get(built.domid()).sharedInfo);
        for (int i = 0; i < 32; i++) {
            assertThat(Raw.get8(shared + i * 64 + 1)).isEqualTo(1);
        }
    }

    @Test void theRingsAreGrantedToDomain0() {
        BuiltDomain built = build(TestKernel.linux(), null);
        assertThat(hv.domains.get(built.domid()).grants).containsEntry(0, built.consoleMfn()).containsEntry(1, built.storeMfn());
    }

    @Test void tooLittleMemoryIsSaidWithWhatIsNeeded() {
        KernelImage image = KernelImage.of("vmlinuz", TestKernel.linux().elf());
        assertThatThrownBy(() -> DomainBuilder.plan(image, null, "", 512)).isInstanceOf(ToolstackException.class)
                .hasMessageContaining("memory of 2 MiB is too small").hasMessageContaining("are needed");
        assertThatThrownBy(() -> DomainBuilder.plan(image, new byte[12 << 20], "", PAGES)).hasMessageContaining("the ramdisk 12 MiB");
    }

    @Test void aLongCommandLineIsRefused() {
        KernelImage image = KernelImage.of("vmlinuz", TestKernel.linux().elf());
        assertThatThrownBy(() -> DomainBuilder.plan(image, null, "x".repeat(1024), PAGES)).hasMessageContaining("command line has 1024");
    }

    @Test void aKernelInTheHypervisorsRangeIsRefused() {
        KernelImage image = KernelImage.of("k", new TestKernel().load(0, 0, new byte[4], 4096).note(3, 0xffff800000000000L).note(5, "xen-3.0").elf());
        assertThatThrownBy(() -> DomainBuilder.plan(image, null, "", PAGES)).hasMessageContaining("hypervisor's own range");
    }
}
