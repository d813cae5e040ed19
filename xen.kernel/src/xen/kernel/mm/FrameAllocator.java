package xen.kernel.mm;

/** Free frames as a bitmap; lowest first, so that runs repeat and a new domain's frames are mostly contiguous. */
final class FrameAllocator {
    private final long[] free;
    private final int frames;
    private int count;
    /** No word below this one has a free frame. */
    private int hint;

    /** All frames from {@code first} on are free. */
    FrameAllocator(int first, int frames) {
        this.frames = frames;
        free = new long[(frames + 63) / 64];
        for (int i = first; i < frames; i++) {
            free[i >> 6] |= 1L << i;
        }
        count = Math.max(0, frames - first);
    }

    int count() { return count; }

    boolean isFree(int mfn) { return (free[mfn >> 6] & 1L << mfn) != 0; }

    /** One frame, or -1. */
    int take() {
        for (int w = hint; w < free.length; w++) {
            if (free[w] != 0) {
                hint = w;
                int mfn = (w << 6) + Long.numberOfTrailingZeros(free[w]);
                free[w] &= free[w] - 1;
                count--;
                return mfn;
            }
        }
        hint = free.length;
        return -1;
    }

    /** 2^order frames, contiguous and naturally aligned; the first, or -1. */
    int take(int order) {
        if (order == 0) {
            return take();
        }
        int n = 1 << order;
        for (int base = (hint << 6) + n - 1 & -n; base + n <= frames; base += n) {
            if (allFree(base, n)) {
                for (int i = base; i < base + n; i++) {
                    free[i >> 6] &= ~(1L << i);
                }
                count -= n;
                return base;
            }
        }
        return -1;
    }

    private boolean allFree(int base, int n) {
        for (int i = base; i < base + n; i++) {
            if (!isFree(i)) {
                return false;
            }
        }
        return true;
    }

    void give(int mfn) {
        assert !isFree(mfn) : "frame " + mfn + " is free already";
        free[mfn >> 6] |= 1L << mfn;
        hint = Math.min(hint, mfn >> 6);
        count++;
    }

    /** Takes that frame, which is free. */
    void takeAt(int mfn) {
        assert isFree(mfn) : "frame " + mfn + " is in use";
        free[mfn >> 6] &= ~(1L << mfn);
        count--;
    }
}
