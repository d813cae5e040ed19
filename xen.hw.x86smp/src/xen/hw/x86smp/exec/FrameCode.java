package xen.hw.x86smp.exec;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/** Decoded blocks of one machine frame, and which of its 64-byte chunks hold code. Changed under the code cache's lock. */
final class FrameCode {
    /** Host address of the frame. */
    final long host;
    private final Block[] buckets = new Block[256];
    /** Bit i: bytes [64 i, 64 i + 64) are part of a block. */
    long chunks;

    FrameCode(long host) { this.host = host; }

    Block find(int off, boolean longMode) {
        for (Block b = buckets[off >> 4]; b != null; b = b.chain) {
            if (b.off == off && b.longMode == longMode) {
                return b;
            }
        }
        return null;
    }

    /** Readers take no lock: everything of the block is there before it is. */
    void add(Block b) {
        b.home = this;
        b.chain = buckets[b.off >> 4];
        VarHandle.releaseFence();
        buckets[b.off >> 4] = b;
        cover(b.off, Math.min(b.bytes, 4096 - b.off));
    }

    /** Marks bytes as code, also for the tail of a block that starts in the page before. */
    void cover(int off, int bytes) {
        chunks |= chunksOf(off, bytes);
    }

    boolean covers(int off, int bytes) { return (chunks & chunksOf(off, bytes)) != 0; }

    private static long chunksOf(int off, int bytes) {
        int first = off >> 6, last = Math.min(off + bytes - 1, 4095) >> 6;
        return -1L << first & -1L >>> 63 - last;
    }

    /** Makes every block stale; those that were translated, which are not any more. */
    List<Block> invalidate() {
        List<Block> translated = new ArrayList<>();
        for (Block head : buckets) {
            for (Block b = head; b != null; b = b.chain) {
                b.valid = false;
                b.fall = null;
                b.taken = null;
                if (b.entry != 0) {
                    translated.add(b);
                    b.entry = 0;
                }
            }
        }
        return translated;
    }

    /** True if some block was never decoded. */
    boolean undecoded() {
        for (Block head : buckets) {
            for (Block b = head; b != null; b = b.chain) {
                if (b.plain == null) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Forgets translations only. */
    void dropEntries() {
        for (Block head : buckets) {
            for (Block b = head; b != null; b = b.chain) {
                b.entry = 0;
                b.heat = 0;
            }
        }
    }
}
