package xen.hw.disk;

import java.io.IOException;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.hw.Raw;

/** A disk of host memory; its contents go with it. */
final class RamDisk implements BlockBacking {
    private static final long LARGEST = 64L << 30;
    private final Raw.Area area;
    private final long bytes;
    private final int sectorSize;

    RamDisk(String size, int sectorSize) throws IOException {
        if (!size.matches("[0-9]{1,12}[kKmMgG]?")) {
            throw new IOException("'" + size + "' is no size of a RAM disk: expected something like 64M");
        }
        this.sectorSize = sectorSize;
        char unit = Character.toUpperCase(size.charAt(size.length() - 1));
        long n = Long.parseLong(Character.isDigit(unit) ? size : size.substring(0, size.length() - 1));
        bytes = (unit == 'K' ? n << 10 : unit == 'M' ? n << 20 : unit == 'G' ? n << 30 : n) & -sectorSize;
        if (bytes <= 0 || bytes > LARGEST) {
            throw new IOException("a RAM disk of " + size + ": " + sectorSize + " bytes to 64G are possible");
        }
        area = Raw.allocate(bytes);
        Raw.zero(area.address(), bytes);
    }

    @Override public long sectors() { return bytes >> 9; }
    @Override public int sectorSize() { return sectorSize; }
    @Override public boolean readOnly() { return false; }
    @Override public void read(long sector, long address, int n) { Raw.copy(area.address() + (sector << 9), address, n); }
    @Override public void write(long sector, long address, int n) { Raw.copy(address, area.address() + (sector << 9), n); }
    @Override public boolean readNow(long sector, long pieces, int count) { return move(sector, pieces, count, false); }
    @Override public boolean writeNow(long sector, long pieces, int count) { return move(sector, pieces, count, true); }

    private boolean move(long sector, long pieces, int count, boolean in) {
        long disk = area.address() + (sector << 9);
        for (int i = 0; i < count; i++) {
            long memory = Raw.get64(pieces + 16L * i), n = Raw.get64(pieces + 16L * i + 8);
            Raw.copy(in ? memory : disk, in ? disk : memory, n);
            disk += n;
        }
        return true;
    }

    @Override public void flush() {}
    @Override public boolean discards() { return true; }
    @Override public void discard(long sector, long count) { Raw.zero(area.address() + (sector << 9), count << 9); }
    @Override public void close() { area.free(); }
}
