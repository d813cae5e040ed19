package xen.hw.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Opens image files, with messages that help. A writable image is locked: two writers would ruin it. */
final class ImageFiles {
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
        try {
            FileLock lock = c.tryLock(0, Long.MAX_VALUE, readOnly);
            if (lock != null) {
                return c;
            }
        } catch (OverlappingFileLockException e) {
            // in use in this process: same answer
        }
        c.close();
        throw new IOException(file + ": is in use by another disk; use ,ro on both, or a copy");
    }
}
