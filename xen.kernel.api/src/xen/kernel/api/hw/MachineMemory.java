package xen.kernel.api.hw;

/**
 * The machine's physical memory: {@code frames} frames of 4 KiB, contiguous in host memory. Owned by the core, so it survives a swap
 * of the machine bundle. Machine frame number (mfn) m lives at {@code base + m * 4096}.
 */
public final class MachineMemory implements AutoCloseable {
    public static final int PAGE_SHIFT = 12;
    public static final int PAGE_SIZE = 1 << PAGE_SHIFT;

    private final Raw.Area area;
    public final long base;
    public final int frames;

    public MachineMemory(long bytes) {
        if (bytes <= 0 || (bytes & 4095) != 0 || bytes >>> 12 > 1 << 28) {
            throw new IllegalArgumentException("machine memory of " + bytes + " bytes: need a positive multiple of 4096 below 1 TiB");
        }
        area = Raw.allocate(bytes);
        base = area.address();
        frames = (int) (bytes >>> PAGE_SHIFT);
        // larger areas come fresh, as zeros, from the host; up to 32 MiB the allocator may hand out used memory
        if (bytes <= 64 << 20) {
            Raw.zero(base, bytes);
        }
    }

    /** Host address of frame {@code mfn}; the caller has checked {@link #valid}. */
    public long address(long mfn) { return base + (mfn << PAGE_SHIFT); }

    public boolean valid(long mfn) { return mfn >= 0 && mfn < frames; }

    /** Frame that holds host address {@code host}. */
    public int mfnOf(long host) { return (int) ((host - base) >>> PAGE_SHIFT); }

    public long bytes() { return (long) frames << PAGE_SHIFT; }

    /** The host memory behind it, for an owner that frees it when this object is unreachable instead of by {@link #close}. */
    public Raw.Area area() { return area; }

    @Override public void close() { area.free(); }
}
