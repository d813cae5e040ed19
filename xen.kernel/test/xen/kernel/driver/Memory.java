package xen.kernel.driver;

import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockFormat;
import xen.kernel.api.hw.Raw;

/** A disk in an array, and what was done to it, in order. */
final class Memory implements BlockFormat, BlockBacking {
    final byte[] bytes = new byte[1 << 20];
    final StringBuffer log = new StringBuffer();

    @Override public BlockBacking open(String target, boolean readOnly) { return this; }
    @Override public long sectors() { return bytes.length >> 9; }
    @Override public boolean readOnly() { return false; }
    @Override public void close() {}

    @Override public void read(long sector, long address, int n) {
        for (int i = 0; i < n; i++) {
            Raw.put8(address + i, bytes[(int) (sector << 9) + i]);
        }
        log.append('r').append(sector).append(' ');
    }

    @Override public void write(long sector, long address, int n) {
        Raw.get(address, bytes, (int) (sector << 9), n);
        log.append('w').append(sector).append(' ');
    }

    @Override public void flush() { log.append("f "); }
}
