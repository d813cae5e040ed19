package xen.hw.disk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.Linker.Option;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Many pieces of memory to or from one place of a file in one system call (preadv(2), pwritev(2)), which Java's channels cannot do. It has a
 * descriptor of its own, to be closed not before the file is: a process loses its locks on a file with any of them. Any thread.
 */
final class VectorIo implements AutoCloseable {
    private static final int O_RDWR = 2, O_CLOEXEC = 0x80000;

    private static final int RWF_NOWAIT = 8;

    private final MethodHandle readv, writev, readNow, close;
    private final int descriptor;

    private VectorIo(int descriptor, MethodHandle readv, MethodHandle writev, MethodHandle readNow, MethodHandle close) {
        this.descriptor = descriptor;
        this.readv = readv;
        this.writev = writev;
        this.readNow = readNow;
        this.close = close;
    }

    /** @return null where there is no such thing */
    static VectorIo open(Path file, boolean readOnly) {
        if (!System.getProperty("os.name").equals("Linux")) {
            return null;
        }
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            SymbolLookup c = linker.defaultLookup();
            FunctionDescriptor transfer = FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
            MethodHandle readv = linker.downcallHandle(c.findOrThrow("preadv"), transfer), writev = linker.downcallHandle(c.findOrThrow("pwritev"), transfer);
            MethodHandle readNow = c.find("preadv2").map(f -> linker.downcallHandle(f, transfer.appendArgumentLayouts(JAVA_INT))).orElse(null);
            MethodHandle close = linker.downcallHandle(c.findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));
            MethodHandle open = linker.downcallHandle(c.findOrThrow("open"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Option.firstVariadicArg(2));
            int fd = (int) open.invokeExact(arena.allocateFrom(file.toString()), (readOnly ? 0 : O_RDWR) | O_CLOEXEC);
            return fd < 0 ? null : new VectorIo(fd, readv, writev, readNow, close);
        } catch (Throwable t) {
            // no such function or no access to it: pieces go one by one
            return null;
        }
    }

    /** Bytes that were read, or less than none for an error. {@code pieces}: pairs of address and length, which is struct iovec. */
    long read(long position, long pieces, int count) { return transfer(readv, position, pieces, count); }

    /** Bytes that were read of those that lie in the host's page cache; less than all, or less than none, when some do not. */
    long readCached(long position, long pieces, int count) {
        try {
            return readNow == null ? -1 : (long) readNow.invokeExact(descriptor, pieces, count, position, RWF_NOWAIT);
        } catch (Throwable t) {
            return -1;
        }
    }

    /** Bytes that were written, or less than none for an error. */
    long write(long position, long pieces, int count) { return transfer(writev, position, pieces, count); }

    private long transfer(MethodHandle function, long position, long pieces, int count) {
        try {
            return (long) function.invokeExact(descriptor, pieces, count, position);
        } catch (Throwable t) {
            return -1;
        }
    }

    @Override public void close() {
        try {
            int ignored = (int) close.invokeExact(descriptor);
        } catch (Throwable t) {
            // the process's end closes it
        }
    }
}
