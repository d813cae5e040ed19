package xen.kernel.api.hw;

import java.lang.reflect.Field;
import sun.misc.Unsafe;

/**
 * Raw host memory by absolute address: little-endian, any alignment, no bounds check. The one place in the house that touches
 * {@code sun.misc.Unsafe}; everything that reads machine memory, register files or TLBs goes through here.
 *
 * <p>Why not {@code MemorySegment}: the interpreter's hot paths must be fast before C2 has compiled them, and only Unsafe is an
 * intrinsic in C1. The accesses are plain; the {@code Acquire}/{@code Release} and {@code cas} forms are for real-mode SMP.
 * Callers own the validity of the address: a wrong one kills the JVM.
 */
public final class Raw {
    private static final Unsafe U = unsafe();

    private Raw() {}

    private static Unsafe unsafe() {
        try {
            Field f = Unsafe.class.getDeclaredField("theUnsafe");
            f.setAccessible(true);
            return (Unsafe) f.get(null);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    public static int get8(long a) { return U.getByte(a) & 0xff; }
    public static int get16(long a) { return U.getShort(a) & 0xffff; }
    public static int get32(long a) { return U.getInt(a); }
    public static long getU32(long a) { return U.getInt(a) & 0xffff_ffffL; }
    public static long get64(long a) { return U.getLong(a); }
    public static void put8(long a, int v) { U.putByte(a, (byte) v); }
    public static void put16(long a, int v) { U.putShort(a, (short) v); }
    public static void put32(long a, int v) { U.putInt(a, v); }
    public static void put64(long a, long v) { U.putLong(a, v); }

    public static int get32Acquire(long a) { return U.getIntVolatile(null, a); }
    public static long get64Acquire(long a) { return U.getLongVolatile(null, a); }
    public static void put32Release(long a, int v) { U.putOrderedInt(null, a, v); }
    public static void put64Release(long a, long v) { U.putOrderedLong(null, a, v); }
    public static boolean cas32(long a, int expected, int v) { return U.compareAndSwapInt(null, a, expected, v); }
    public static boolean cas64(long a, long expected, long v) { return U.compareAndSwapLong(null, a, expected, v); }
    public static void fullFence() { U.fullFence(); }

    /** Keeps accesses in order as x86 does between two instructions: only a store may be overtaken by a later load. No code on x86. */
    public static void order() {
        U.loadFence();
        U.storeFence();
    }

    /** True when {@link #cas32} and {@link #cas64} are atomic at any address, as on x86. */
    public static final boolean CAS_ANYWHERE = java.util.Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));

    public static void copy(long from, long to, long bytes) { U.copyMemory(from, to, bytes); }
    public static void zero(long a, long bytes) { U.setMemory(a, bytes, (byte) 0); }
    public static void fill(long a, long bytes, int value) { U.setMemory(a, bytes, (byte) value); }
    public static void put(long a, byte[] src, int off, int len) { U.copyMemory(src, Unsafe.ARRAY_BYTE_BASE_OFFSET + (long) off, null, a, len); }
    public static void get(long a, byte[] dst, int off, int len) { U.copyMemory(null, a, dst, Unsafe.ARRAY_BYTE_BASE_OFFSET + (long) off, len); }

    /** Fresh memory, aligned to 4 KiB; large areas are not touched (the host maps them on demand). Contents are undefined. */
    public static Area allocate(long bytes) {
        long block = U.allocateMemory(bytes + 4095);
        return new Area(block, (block + 4095) & -4096L, bytes);
    }

    /** One allocation: {@code address} is the aligned start of {@code bytes} usable bytes. */
    public record Area(long block, long address, long bytes) {
        /** Gives the memory back; the caller guarantees that nobody uses it any more. */
        public void free() { U.freeMemory(block); }
    }
}
