package xen.hw.disk.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads compressed clusters: raw deflate, or zstd where the distribution has it. */
final class Compressed {
    private Compressed() {}

    /** Where the data of a compressed entry begins. */
    static long offset(long entry, int clusterBits) { return entry & (1L << shift(clusterBits)) - 1; }

    /** Bytes that it takes at most. */
    static int length(long entry, int clusterBits) {
        long sectors = (entry & ~(Mapping.COPIED | Mapping.COMPRESSED)) >>> shift(clusterBits);
        return (int) ((sectors + 1) * 512 - (offset(entry, clusterBits) & 511));
    }

    private static int shift(int clusterBits) { return 62 - (clusterBits - 8); }

    static byte[] read(Header h, long entry) throws IOException {
        long offset = offset(entry, h.clusterBits);
        int n = length(entry, h.clusterBits);
        if (offset == 0 || offset >= h.store.size()) {
            throw h.corrupt("compressed cluster at 0x" + Long.toHexString(offset));
        }
        byte[] packed = new byte[n];
        h.store.read(offset, ByteBuffer.wrap(packed));
        byte[] data = new byte[h.clusterSize];
        int got = h.compression == 0 ? inflate(packed, data) : zstd(h, packed, data);
        if (got != data.length) {
            throw h.corrupt("compressed cluster at 0x" + Long.toHexString(offset) + " cannot be unpacked");
        }
        return data;
    }

    private static int inflate(byte[] packed, byte[] data) {
        Inflater i = new Inflater(true);
        try {
            i.setInput(packed);
            int got = 0;
            for (int n; got < data.length && (n = i.inflate(data, got, data.length - got)) > 0;) {
                got += n;
            }
            return got;
        } catch (DataFormatException e) {
            return -1;
        } finally {
            i.end();
        }
    }

    private static int zstd(Header h, byte[] packed, byte[] data) throws IOException {
        try {
            return Zstd.unpack(packed, data);
        } catch (LinkageError e) {
            throw h.wrong("has clusters compressed with zstd, which this distribution lacks", "convert it with: qemu-img convert -O qcow2");
        }
    }

    /** Apart, so that a distribution without the library can do the rest. */
    private static final class Zstd {
        static int unpack(byte[] packed, byte[] data) {
            try (var in = new com.github.luben.zstd.ZstdInputStreamNoFinalizer(new java.io.ByteArrayInputStream(packed))) {
                return in.readNBytes(data, 0, data.length);
            } catch (IOException e) {
                return -1;
            }
        }
    }
}
