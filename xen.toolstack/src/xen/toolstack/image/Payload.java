package xen.toolstack.image;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.SingleXZInputStream;
import xen.toolstack.api.ToolstackException;

/** Unpacks a kernel payload by its magic, if it is not kept unpacked. All formats but gzip carry the unpacked size behind the data (u32): it is checked. */
final class Payload {
    private static final int MAX = 1 << 30;

    private enum Format {
        GZIP(0x1f, 0x8b), XZ(0xfd, '7', 'z', 'X', 'Z', 0), ZSTD(0x28, 0xb5, 0x2f, 0xfd), LZ4(0x02, 0x21, 0x4c, 0x18), BZIP2('B', 'Z', 'h'),
        LZMA(0x5d, 0, 0), LZO(0x89, 'L', 'Z', 'O');

        final int[] magic;

        Format(int... magic) { this.magic = magic; }
    }

    private static final UnpackedKernels KEPT = UnpackedKernels.of(System.getenv());

    private Payload() {}

    static Bytes unpack(Bytes bytes) {
        String file = bytes.file();
        Format format = Arrays.stream(Format.values()).filter(f -> bytes.startsWith(0, f.magic)).findFirst()
                .orElseThrow(() -> new ToolstackException(file + ": the kernel inside is packed in a format that is not known (starts with "
                        + String.format("%08x", Integer.reverseBytes((int) bytes.u32(0))) + ")"));
        if (format == Format.LZO) {
            throw new ToolstackException(file + ": the kernel inside is packed with lzo, which cannot be unpacked here: give its vmlinux");
        }
        ByteBuffer payload = bytes.buffer();
        ByteBuffer kept = KEPT.find(payload);
        if (kept != null) {
            return new Bytes(file, kept);
        }
        boolean sized = format != Format.GZIP && bytes.length() > 4;
        byte[] packed = new byte[bytes.length() - (sized ? 4 : 0)];
        payload.get(0, packed);
        long size = bytes.u32(bytes.length() - 4);
        try (InputStream in = open(format, packed)) {
            byte[] result = in == null ? lz4Legacy(packed, size) : readAll(in, size);
            if (result.length != size) {
                throw new IOException("unpacked to " + result.length + " bytes instead of " + size);
            }
            KEPT.keep(payload, result);
            return new Bytes(file, result);
        } catch (IOException | RuntimeException e) {
            throw new ToolstackException(file + ": the " + format.name().toLowerCase() + " data of the kernel is corrupt: " + reason(e), e);
        }
    }

    private static String reason(Exception e) { return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(); }

    private static byte[] readAll(InputStream in, long size) throws IOException {
        byte[] result = in.readNBytes((int) Math.min(size, MAX));
        // reading to the end is what makes the formats check their checksums
        if (in.read() >= 0) {
            throw new IOException("unpacks to more than the stated " + size + " bytes");
        }
        return result;
    }

    private static InputStream open(Format format, byte[] packed) throws IOException {
        InputStream in = new ByteArrayInputStream(packed);
        return switch (format) {
            case GZIP -> new GZIPInputStream(in, 1 << 16);
            case XZ -> new SingleXZInputStream(in);
            case ZSTD -> new ZstdInputStream(in);
            case BZIP2 -> new BZip2CompressorInputStream(in);
            case LZMA -> new LZMAInputStream(in);
            case LZ4, LZO -> null;
        };
    }

    /** The kernel's LZ4 is the legacy frame: magic, then blocks of 8 MiB, each behind its packed size. */
    private static byte[] lz4Legacy(byte[] packed, long size) throws IOException {
        if (size > Math.min(MAX, packed.length * 255L)) {
            throw new IOException(size + " bytes cannot come from " + packed.length);
        }
        Bytes b = new Bytes("lz4", packed);
        byte[] result = new byte[(int) size];
        LZ4SafeDecompressor lz4 = LZ4Factory.safeInstance().safeDecompressor();
        int at = 4, done = 0;
        while (at + 4 <= packed.length) {
            long length = b.u32(at);
            at += 4;
            if (length == 0x184c2102L) {
                continue;
            }
            if (length == 0 || length > packed.length - at) {
                throw new IOException("a block of " + length + " bytes where " + (packed.length - at) + " are left");
            }
            done += lz4.decompress(packed, at, (int) length, result, done);
            at += (int) length;
        }
        return done == size ? result : Arrays.copyOf(result, done);
    }
}
