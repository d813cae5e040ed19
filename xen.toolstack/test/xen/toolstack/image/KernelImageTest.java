package xen.toolstack.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.XZOutputStream;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.testing.TestKernel;

class KernelImageTest {
    private static final byte[] ELF = TestKernel.linux().elf();

    private interface Packer { OutputStream open(OutputStream to) throws IOException; }

    private static byte[] packed(Packer packer) throws IOException {
        var out = new ByteArrayOutputStream();
        try (OutputStream o = packer.open(out)) {
            o.write(ELF);
        }
        return out.toByteArray();
    }

    private static void boots(byte[] payload) {
        KernelImage image = KernelImage.of("k", TestKernel.bzImage(payload));
        assertThat(image.elf()).isEqualTo(ByteBuffer.wrap(ELF));
        assertThat(image.entry()).isEqualTo(TestKernel.LINUX_BASE + 0x100010);
    }

    private static void refuses(byte[] file, String... words) {
        assertThatThrownBy(() -> KernelImage.of("kernel.img", file)).isInstanceOf(ToolstackException.class)
                .satisfies(e -> assertThat(((ToolstackException) e).status()).isEqualTo(2))
                .hasMessageStartingWith("kernel.img: ").hasMessageContainingAll(words);
    }

    @Test void notesOfALinuxKernelAreRead() {
        KernelImage image = KernelImage.of("k", ELF);
        XenNotes notes = image.notes();
        assertThat(notes.virtBase()).isEqualTo(TestKernel.LINUX_BASE);
        assertThat(notes.initP2m()).isEqualTo(1L << 39);
        assertThat(notes.modStartPfn()).isTrue();
        assertThat(notes.hypercallPage()).isEqualTo(XenNotes.UNSET);
        assertThat(notes.guestOs()).isEqualTo("linux");
        assertThat(image.segments()).extracting(KernelImage.Segment::paddr).containsExactly(0x100000L, 0x103000L);
        assertThat(image.end()).isEqualTo(0x105000);
    }

    @Test void theOldGuestStringStandsInForNotes() {
        byte[] elf = new TestKernel().load(0x8000, 0x8000, new byte[10], 0x1000)
                .guestString("GUEST_OS=mini,XEN_VER=xen-3.0,VIRT_BASE=0x0,ELF_PADDR_OFFSET=0x0,HYPERCALL_PAGE=0x2,LOADER=generic").elf();
        KernelImage image = KernelImage.of("k", elf);
        assertThat(image.notes().hypercallPage()).isEqualTo(0x2000);
        assertThat(image.notes().guestOs()).isEqualTo("mini");
    }

    @Test void gzipPayloads() throws IOException { boots(packed(GZIPOutputStream::new)); }

    @Test void xzPayloads() throws IOException { boots(TestKernel.sized(packed(o -> new XZOutputStream(o, new LZMA2Options(1))), ELF.length)); }

    @Test void bzip2Payloads() throws IOException { boots(TestKernel.sized(packed(BZip2CompressorOutputStream::new), ELF.length)); }

    @Test void lzmaPayloads() throws IOException {
        boots(TestKernel.sized(packed(o -> new LZMAOutputStream(o, new LZMA2Options(1), -1)), ELF.length));
    }

    @Test void zstdPayloads() { boots(TestKernel.sized(Zstd.compress(ELF), ELF.length)); }

    @Test void lz4LegacyPayloads() throws IOException {
        byte[] block = packed(BlockLZ4CompressorOutputStream::new);
        byte[] frame = ByteBuffer.allocate(8 + block.length).order(ByteOrder.LITTLE_ENDIAN).putInt(0x184c2102).putInt(block.length).put(block).array();
        boots(TestKernel.sized(frame, ELF.length));
    }

    @Test void unpackedPayloads() { boots(ELF); }

    @Test void somethingElseIsRefused() { refuses("#!/bin/sh\nexit 0\n".getBytes(), "not an ELF file"); }

    @Test void anEmptyFileIsRefused() { refuses(new byte[0], "not an ELF file"); }

    @Test void a32BitKernelIsRefused() {
        byte[] elf = ELF.clone();
        elf[4] = 1;
        refuses(elf, "32-bit");
    }

    @Test void aKernelWithoutXenNotesIsRefused() { refuses(new TestKernel().load(0, 0, new byte[8], 8).elf(), "no Xen notes"); }

    @Test void aCutBzImageIsRefused() throws IOException {
        byte[] image = TestKernel.bzImage(packed(GZIPOutputStream::new));
        refuses(Arrays.copyOf(image, image.length - 600), "truncated bzImage");
    }

    @Test void aCorruptXzPayloadIsRefused() throws IOException {
        byte[] payload = TestKernel.sized(packed(o -> new XZOutputStream(o, new LZMA2Options(1))), ELF.length);
        payload[payload.length / 2] ^= 0x55;
        refuses(TestKernel.bzImage(payload), "xz", "corrupt");
    }

    @Test void everyCutOfAnElfFileGivesAMessageAndNoException() {
        for (int n = 0; n < ELF.length; n += 37) {
            byte[] cut = Arrays.copyOf(ELF, n);
            assertThatThrownBy(() -> KernelImage.of("kernel.img", cut)).isInstanceOf(ToolstackException.class);
        }
    }

    @Test void lzoIsRefusedByName() { refuses(TestKernel.bzImage(new byte[] {(byte) 0x89, 'L', 'Z', 'O', 0, 0, 0, 0}), "lzo"); }

    @Test void aFeatureThatIsMissingHereIsNamed() {
        refuses(TestKernel.flat().note(10, "!supervisor_mode_kernel|writable_page_tables").elf(), "supervisor_mode_kernel");
    }

    @Test void aMissingFileIsNamed() {
        assertThatThrownBy(() -> KernelImage.read(Path.of("/nowhere/vmlinuz"))).isInstanceOf(ToolstackException.class)
                .hasMessageContaining("/nowhere/vmlinuz: no such file");
    }
}
