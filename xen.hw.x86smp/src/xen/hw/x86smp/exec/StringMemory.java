package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;

/** Loads and stores by element size, and the bulk loops of {@link StringOps} on host memory. Pure functions. */
final class StringMemory {
    private StringMemory() {}

    /** Sign-extended. */
    static long load(InterpreterCpu c, int size, long va) {
        return switch (size) {
            case 1 -> (byte) c.load8(va);
            case 2 -> (short) c.load16(va);
            case 4 -> (int) c.load32(va);
            default -> c.load64(va);
        };
    }

    static void store(InterpreterCpu c, int size, long va, long v) {
        switch (size) {
            case 1 -> c.store8(va, (int) v);
            case 2 -> c.store16(va, (int) v);
            case 4 -> c.store32(va, (int) v);
            default -> c.store64(va, v);
        }
    }

    /** MOVS on one page each. Where the destination overlaps in the direction of travel the pattern repeats, element by element. */
    static void move(long s, long d, int bytes, int size, boolean down) {
        boolean repeats = down ? d < s && d + bytes > s : d > s && d < s + bytes;
        if (!repeats && bytes > 32) {
            Raw.copy(s, d, bytes);
            return;
        }
        if (down) {
            for (int i = bytes - size; i >= 0; i -= size) {
                Loc.store(d + i, size, Loc.unsigned(s + i, size));
            }
        } else {
            for (int i = 0; i < bytes; i += size) {
                Loc.store(d + i, size, Loc.unsigned(s + i, size));
            }
        }
    }

    static void fill(long d, int bytes, int size, long v) {
        if (size == 1 || v == 0) {
            Raw.fill(d, bytes, (int) v);
            return;
        }
        for (int i = 0; i < bytes; i += size) {
            Loc.store(d + i, size, v);
        }
    }

    /** Length of the common start, at most n. */
    static int equalBytes(long a, long b, int n) {
        int i = 0;
        while (i + 8 <= n) {
            long x = Raw.get64(a + i) ^ Raw.get64(b + i);
            if (x != 0) {
                return i + (Long.numberOfTrailingZeros(x) >> 3);
            }
            i += 8;
        }
        while (i < n && Raw.get8(a + i) == Raw.get8(b + i)) {
            i++;
        }
        return i;
    }
}
