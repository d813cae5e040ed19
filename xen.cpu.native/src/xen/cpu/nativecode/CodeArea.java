package xen.cpu.nativecode;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory for emitted code: one memfd mapped twice, writable at {@link #write} and executable at {@link #execute}, so no page is ever both.
 * Bump allocation; when it is full everything is dropped at once. Linux only; a host that refuses gives {@link Unavailable}.
 */
final class CodeArea implements AutoCloseable {
    private static final int PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, MAP_SHARED = 1, MFD_CLOEXEC = 1;

    final long write, execute, size;
    private final Libc libc;
    private long used;

    CodeArea(long size) throws Unavailable {
        this.size = size;
        libc = new Libc();
        int fd = libc.memfd();
        if (fd < 0) {
            throw new Unavailable("memfd_create failed");
        }
        try {
            if (libc.ftruncate(fd, size) != 0) {
                throw new Unavailable("no memory for " + size + " bytes of code");
            }
            write = libc.mmap(size, PROT_READ | PROT_WRITE, fd);
            if (write == -1) {
                throw new Unavailable("the code area cannot be mapped");
            }
            long x = libc.mmap(size, PROT_READ | PROT_EXEC, fd);
            if (x == -1) {
                libc.munmap(write, size);
                throw new Unavailable("the host refuses executable memory");
            }
            execute = x;
        } finally {
            libc.close(fd);
        }
    }

    /** Bytes left. */
    long left() { return size - used; }

    /** Next free place, as an offset from both mappings. */
    long top() { return used; }

    /** Takes the bytes up to {@code offset}; code starts at multiples of 16. */
    void take(long offset) { used = offset + 15 & -16; }

    /** Gives everything behind {@code offset} back; nothing of it may run any more. */
    void reset(long offset) { used = offset + 15 & -16; }

    @Override public void close() {
        libc.munmap(write, size);
        libc.munmap(execute, size);
    }

    /** Executable memory is not to be had on this host; the message says why. */
    static final class Unavailable extends Exception {
        private static final long serialVersionUID = 1L;

        Unavailable(String why) { super(why); }
    }

    /** The few calls of the C library, with raw addresses. */
    private static final class Libc {
        private final Linker linker = Linker.nativeLinker();
        private final SymbolLookup lookup = linker.defaultLookup();

        private MethodHandle handle(String name, FunctionDescriptor d) throws Unavailable {
            return linker.downcallHandle(lookup.find(name).orElseThrow(() -> new Unavailable("no " + name + " in the C library")), d);
        }

        private static final ValueLayout.OfInt I = ValueLayout.JAVA_INT;
        private static final ValueLayout.OfLong L = ValueLayout.JAVA_LONG;

        int memfd() throws Unavailable {
            try (Arena arena = Arena.ofConfined()) {
                return (int) handle("memfd_create", FunctionDescriptor.of(I, ValueLayout.ADDRESS, I)).invokeExact(arena.allocateFrom("xen-code"),
                        MFD_CLOEXEC);
            } catch (Unavailable e) {
                throw e;
            } catch (Throwable t) {
                throw new Unavailable(t.toString());
            }
        }

        int ftruncate(int fd, long size) throws Unavailable {
            try {
                return (int) handle("ftruncate", FunctionDescriptor.of(I, I, L)).invokeExact(fd, size);
            } catch (Unavailable e) {
                throw e;
            } catch (Throwable t) {
                throw new Unavailable(t.toString());
            }
        }

        long mmap(long size, int protection, int fd) throws Unavailable {
            try {
                return (long) handle("mmap", FunctionDescriptor.of(L, L, L, I, I, I, L)).invokeExact(0L, size, protection, MAP_SHARED, fd, 0L);
            } catch (Unavailable e) {
                throw e;
            } catch (Throwable t) {
                throw new Unavailable(t.toString());
            }
        }

        void munmap(long address, long size) {
            try {
                int ignored = (int) handle("munmap", FunctionDescriptor.of(I, L, L)).invokeExact(address, size);
            } catch (Throwable t) {
                throw new AssertionError("munmap of our own mapping", t);
            }
        }

        void close(int fd) {
            try {
                int ignored = (int) handle("close", FunctionDescriptor.of(I, I)).invokeExact(fd);
            } catch (Throwable t) {
                throw new AssertionError("close of our own file", t);
            }
        }
    }

    /** A handle that calls emitted code at {@code offset} as {@code long f(long, long)}. */
    MethodHandle function(long offset) {
        return Linker.nativeLinker().downcallHandle(MemorySegment.ofAddress(execute + offset),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    }

    /** Emitted code at offset 0, {@code void f(long frame, long entry)}. */
    MemorySegment entry() { return MemorySegment.ofAddress(execute); }
}
