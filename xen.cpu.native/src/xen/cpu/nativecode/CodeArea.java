package xen.cpu.nativecode;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory for emitted code: one memfd mapped twice, writable at {@link #write} and executable at {@link #execute}, so no page is ever both.
 * Bump allocation; when it is full everything is dropped at once. Linux only; a host that refuses gives {@link Unavailable}.
 */
final class CodeArea implements AutoCloseable {
    private static final int PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, MAP_SHARED = 1, MFD_CLOEXEC = 1;

    final long write, execute, size;
    private final Linux linux;
    private long used;

    CodeArea(long size) throws Unavailable {
        this.size = size;
        linux = new Linux();
        int fd = linux.memfd();
        if (fd < 0) {
            throw new Unavailable("memfd_create failed");
        }
        try {
            if (!linux.resize(fd, size)) {
                throw new Unavailable("no memory for " + size + " bytes of code");
            }
            write = linux.mmap(size, PROT_READ | PROT_WRITE, fd);
            if (write == -1) {
                throw new Unavailable("the code area cannot be mapped");
            }
            long x = linux.mmap(size, PROT_READ | PROT_EXEC, fd);
            if (x == -1) {
                linux.munmap(write, size);
                throw new Unavailable("the host refuses executable memory");
            }
            execute = x;
        } finally {
            linux.close(fd);
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
        linux.munmap(write, size);
        linux.munmap(execute, size);
    }

    /** Executable memory is not to be had on this host; the message says why. */
    static final class Unavailable extends Exception {
        private static final long serialVersionUID = 1L;

        Unavailable(String why) { super(why); }
    }

    /**
     * Linux's system calls, all through the C library's {@code syscall} with as many numbers as the longest takes: each shape of a native function costs
     * the JVM five milliseconds and a class.
     */
    private static final class Linux {
        private static final long MMAP = 9, CLOSE = 3, MUNMAP = 11, FTRUNCATE = 77, MEMFD_CREATE = 319;

        private final MethodHandle syscall;

        Linux() throws Unavailable {
            Linker linker = Linker.nativeLinker();
            ValueLayout.OfLong l = ValueLayout.JAVA_LONG;
            syscall = linker.downcallHandle(linker.defaultLookup().find("syscall").orElseThrow(() -> new Unavailable("no syscall in the C library")),
                    FunctionDescriptor.of(l, l, l, l, l, l, l, l));
        }

        /** What the call returns, or -1. */
        private long call(long number, long a, long b, long c, long d, long e, long f) {
            try {
                return (long) syscall.invokeExact(number, a, b, c, d, e, f);
            } catch (Throwable t) {
                throw new AssertionError("system call " + number, t);
            }
        }

        int memfd() {
            try (Arena arena = Arena.ofConfined()) {
                return (int) call(MEMFD_CREATE, arena.allocateFrom("xen-code").address(), MFD_CLOEXEC, 0, 0, 0, 0);
            }
        }

        boolean resize(int fd, long size) { return call(FTRUNCATE, fd, size, 0, 0, 0, 0) == 0; }

        long mmap(long size, int protection, int fd) { return call(MMAP, 0, size, protection, MAP_SHARED, fd, 0); }

        void munmap(long address, long size) { call(MUNMAP, address, size, 0, 0, 0, 0); }

        void close(int fd) { call(CLOSE, fd, 0, 0, 0, 0, 0); }
    }

    /** A handle that calls emitted code at {@code offset} as {@code long f(long, long)}. */
    MethodHandle function(long offset) {
        return Linker.nativeLinker().downcallHandle(MemorySegment.ofAddress(execute + offset),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    }

    /** Emitted code at offset 0, {@code void f(long frame, long entry)}. */
    MemorySegment entry() { return MemorySegment.ofAddress(execute); }
}
