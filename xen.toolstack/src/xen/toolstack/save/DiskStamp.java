package xen.toolstack.save;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import xen.toolstack.api.ToolstackException;

/**
 * How an image looked when its domain was saved: a guest that goes on with another disk than it remembers destroys what is on it. The
 * contents are sampled, at the begin, the end and evenly between; together with the time of the last change that finds what a person or
 * a guest does to an image, though not what is made to deceive.
 */
public record DiskStamp(long size, long modified, long contents) {
    private static final int SAMPLES = 256, SAMPLE = 4096;

    public static DiskStamp of(Path image) {
        try (FileChannel in = FileChannel.open(image, StandardOpenOption.READ)) {
            long size = in.size(), step = Math.max(SAMPLE, size / SAMPLES / SAMPLE * SAMPLE);
            CRC32C crc = new CRC32C();
            ByteBuffer b = ByteBuffer.allocate(SAMPLE);
            for (long at = 0; at < size; at += step) {
                sample(in, at, b, crc);
            }
            sample(in, Math.max(0, size - SAMPLE), b, crc);
            return new DiskStamp(size, Files.getLastModifiedTime(image).to(TimeUnit.NANOSECONDS), crc.getValue());
        } catch (IOException e) {
            throw new ToolstackException(image + ": cannot read this disk's image: " + e, e);
        }
    }

    private static void sample(FileChannel in, long at, ByteBuffer b, CRC32C crc) throws IOException {
        b.clear();
        while (b.hasRemaining() && in.read(b, at + b.position()) >= 0) {
            // the last one may be short
        }
        crc.update(b.flip());
    }

    /** What differs, in words; null when nothing does. */
    public String differs(DiskStamp now) {
        return size != now.size ? "its size was " + size + " and is " + now.size : contents != now.contents ? "its contents have changed"
                : modified != now.modified ? "it was written to since" : null;
    }
}
