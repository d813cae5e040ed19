package xen.hw.disk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.Linker.Option;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Gives parts of a file back to a Linux file system that can have holes (fallocate(2)); elsewhere it says so, and the file keeps its room.
 * It has a descriptor of its own, to be closed not before the file is: a process loses its locks on a file with any of them.
 */
public final class HolePuncher implements AutoCloseable {
    private static final int O_RDWR = 2, O_CLOEXEC = 0x80000, KEEP_SIZE = 1, PUNCH_HOLE = 2;

    private final MethodHandle fallocate, close;
    private int descriptor;

    private HolePuncher(int descriptor, MethodHandle fallocate, MethodHandle close) {
        this.descriptor = descriptor;
        this.fallocate = fallocate;
        this.close = close;
    }

    /** @return null where there is no such thing */
    public static HolePuncher open(Path file) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return null;
        }
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            MethodHandle open = linker.downcallHandle(linker.defaultLookup().findOrThrow("open"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Option.firstVariadicArg(2));
            int fd = (int) open.invokeExact(arena.allocateFrom(file.toString()), O_RDWR | O_CLOEXEC);
            if (fd < 0) {
                return null;
            }
            return new HolePuncher(fd, linker.downcallHandle(linker.defaultLookup().findOrThrow("fallocate"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG)),
                    linker.downcallHandle(linker.defaultLookup().findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT)));
        } catch (Throwable t) {
            // no such function or no access to it: files keep their room
            return null;
        }
    }

    /** The range reads as zeros and takes no room; false when the file system cannot. */
    public boolean punch(long position, long bytes) {
        try {
            return descriptor >= 0 && (int) fallocate.invokeExact(descriptor, PUNCH_HOLE | KEEP_SIZE, position, bytes) == 0;
        } catch (Throwable t) {
            return false;
        }
    }

    @Override public void close() {
        int fd = descriptor;
        descriptor = -1;
        try {
            int ignored = fd < 0 ? 0 : (int) close.invokeExact(fd);
        } catch (Throwable t) {
            // the process's end closes it
        }
    }
}
