package xen.hw.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Opens image files, with messages that help. An image has one writer or any number of readers: a writer locks all of the file, a reader
 * one byte far behind its end, each another one, because inside a process even shared locks may not overlap.
 */
final class ImageFiles {
    /** Where readers lock, and how often one looks for another byte. */
    private static final long READERS = 1L << 61;
    private static final int READER_TRIES = 3;

    private ImageFiles() {}

    static FileChannel open(Path file, boolean readOnly) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException(file + ": no such file (the disk's image); make one with: truncate -s 1G " + file);
        }
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": is a directory; the image of a disk is a file");
        }
        FileChannel c;
        try {
            c = readOnly ? FileChannel.open(file, StandardOpenOption.READ) : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (AccessDeniedException e) {
            throw new IOException(file + ": no permission to " + (readOnly ? "read" : "write") + " this image" + (readOnly ? "" : "; add ,ro to use it read-only"));
        }
        for (int tries = readOnly ? READER_TRIES : 1; tries > 0; tries--) {
            try {
                FileLock lock = readOnly ? c.tryLock(READERS + ThreadLocalRandom.current().nextLong(READERS), 1, true) : c.tryLock(0, Long.MAX_VALUE, false);
                if (lock != null) {
                    return c;
                }
            } catch (OverlappingFileLockException e) {
                // in use in this process: same answer
            }
        }
        c.close();
        throw new IOException(file + ": is in use by another disk; use ,ro on both, or a copy");
    }
}
