package xen.toolstack.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kernels that were unpacked before, kept in the user's cache: reading one is a fifth of the work of unpacking it. A file's name is made of two checksums
 * and the size of the packed bytes, and a checksum over its content is in its head: another kernel has another name, and a file that was cut short or
 * damaged is unpacked anew. Like kept translations, one that others could have written is not used. The {@link #LIMIT} used last stay.
 *
 * <p>Files appear by rename and are never written again, so they can be mapped; processes side by side write the same. Any thread.
 */
final class UnpackedKernels {
    private static final Logger LOG = LoggerFactory.getLogger(UnpackedKernels.class);
    /** Smaller ones are unpacked before a file is found. */
    private static final int LEAST = 1 << 20;
    private static final int LIMIT = 4;
    private static final int HEADER = 24;
    private static final long MAGIC = 0x314c_4e52_454b_5855L;
    private static final String SUFFIX = ".elf", PART = ".part";

    private final Path folder;

    /** @param folder null = nothing is kept */
    UnpackedKernels(Path folder) { this.folder = folder; }

    /** {@code XEN_KERNEL_CACHE} names the folder or is {@code off}; else {@code xen-java/kernels} in the user's cache folder. */
    static UnpackedKernels of(Map<String, String> environment) {
        String own = environment.getOrDefault("XEN_KERNEL_CACHE", "");
        if (own.equals("off")) {
            return new UnpackedKernels(null);
        }
        if (!own.isEmpty()) {
            return new UnpackedKernels(Path.of(own).toAbsolutePath());
        }
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path base = xdg.startsWith("/") ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return new UnpackedKernels(base.resolve("xen-java").resolve("kernels"));
    }

    /** What {@code payload} unpacks to, mapped, or null. */
    ByteBuffer find(ByteBuffer payload) {
        if (folder == null || payload.remaining() < LEAST) {
            return null;
        }
        Path file = file(payload);
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return null;
            }
            if (!ours(folder) || !ours(file)) {
                LOG.info("{} is not used: it, or its folder, can be written by others", file);
                return null;
            }
            try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
                long size = in.size() - HEADER;
                if (size < 0 || size > Integer.MAX_VALUE - HEADER) {
                    throw new IOException("it is no such file");
                }
                ByteBuffer h = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size());
                if (h.getLong() != MAGIC || h.getLong() != size) {
                    throw new IOException("it is no such file");
                }
                long sum = h.getLong();
                ByteBuffer content = h.slice();
                if (sum != checksum(content)) {
                    throw new IOException("its checksum is wrong");
                }
                // used last
                file.toFile().setLastModified(System.currentTimeMillis());
                return content;
            }
        } catch (IOException | UnsupportedOperationException e) {
            LOG.info("{} is not used: {}", file, e.toString());
            return null;
        }
    }

    /** Keeps it, on a thread of its own: a boot does not wait for the disk. */
    void keep(ByteBuffer payload, byte[] content) {
        if (folder != null && payload.remaining() >= LEAST) {
            Thread.ofPlatform().daemon().name("keep-kernel").start(() -> write(file(payload), content));
        }
    }

    /** The file appears whole or not at all. */
    void write(Path file, byte[] content) {
        try {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (!ours(folder)) {
                LOG.info("no kernel is kept: others can write to {}", folder);
                return;
            }
            Path part = Files.createTempFile(folder, "kernel", PART);
            try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
                ByteBuffer head = ByteBuffer.allocate(HEADER).putLong(MAGIC).putLong(content.length).putLong(checksum(ByteBuffer.wrap(content))).flip();
                for (ByteBuffer b : List.of(head, ByteBuffer.wrap(content))) {
                    while (b.hasRemaining()) {
                        // in pieces: the channel copies an array to a buffer of the same size
                        ByteBuffer piece = b.slice(b.position(), Math.min(b.remaining(), LEAST));
                        b.position(b.position() + out.write(piece));
                    }
                }
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forget(file);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.info("{} is not kept: {}", file, e.toString());
        }
    }

    /** The oldest go, and what processes left that ended while they wrote. */
    private void forget(Path latest) throws IOException {
        List<Path> old = new ArrayList<>();
        FileTime abandoned = FileTime.from(Instant.now().minusSeconds(600));
        try (Stream<Path> all = Files.list(folder)) {
            for (Path p : all.toList()) {
                String name = p.getFileName().toString();
                if (name.endsWith(SUFFIX) && !p.equals(latest)) {
                    old.add(p);
                } else if (name.endsWith(PART) && Files.getLastModifiedTime(p).compareTo(abandoned) < 0) {
                    Files.deleteIfExists(p);
                }
            }
        }
        old.sort(Comparator.comparingLong(p -> p.toFile().lastModified()));
        for (Path p : old.subList(0, Math.max(0, old.size() - LIMIT + 1))) {
            Files.deleteIfExists(p);
        }
    }

    Path file(ByteBuffer payload) {
        CRC32 a = new CRC32();
        a.update(payload.duplicate());
        return folder.resolve(String.join("-", Long.toHexString(a.getValue()), Long.toHexString(checksum(payload)), Integer.toHexString(payload.remaining())) + SUFFIX);
    }

    private static long checksum(ByteBuffer data) {
        CRC32C c = new CRC32C();
        c.update(data.duplicate());
        return c.getValue();
    }

    /** Belongs to this process's user; nobody else may write. */
    private static boolean ours(Path p) throws IOException {
        Object me = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int mode = (int) Files.getAttribute(p, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return me.equals(Files.getAttribute(p, "unix:uid", LinkOption.NOFOLLOW_LINKS)) && (mode & 0022) == 0;
    }
}
