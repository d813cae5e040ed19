package xen.hw.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.hw.Raw;

/**
 * A disk in a qcow2 file, over another image or over nothing. Reads, and writes to clusters that are there, go side by side; whatever
 * changes tables is alone. An image whose tables turn out to be wrong is marked, and takes no more writes.
 */
public final class Qcow2Image implements BlockBacking {
    private final Header header;
    private final Metadata metadata;
    private final Mapping mapping;
    private final Refcounts counts;
    private final BlockBacking base;
    private final boolean readOnly;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Raw.Area scratch;
    /** Ranges that lost a user: free when nothing on the disk points to them, that is after the next flush. */
    private final List<long[]> released = new ArrayList<>();
    private final int clusterSize, clusterBits;
    private volatile boolean broken;
    private boolean closed;

    /** @param base what shows where this image has nothing, or null; closed with it */
    Qcow2Image(Header header, BlockBacking base, boolean readOnly) throws IOException {
        this.header = header;
        this.base = base;
        this.readOnly = readOnly;
        clusterBits = header.clusterBits;
        clusterSize = header.clusterSize;
        metadata = new Metadata(clusterBits);
        mapping = new Mapping(header, metadata);
        counts = new Refcounts(header, metadata);
        scratch = Raw.allocate(clusterSize);
        if (!readOnly) {
            header.clearAutoclear();
        }
    }

    @Override public long sectors() { return (header.size + 511) >> 9; }
    @Override public boolean readOnly() { return readOnly; }
    @Override public boolean discards() { return base == null || header.version == 3; }

    private static ByteBuffer buffer(long address, long bytes) { return MemorySegment.ofAddress(address).reinterpret(bytes).asByteBuffer(); }

    @Override public void read(long sector, long address, int bytes) throws IOException {
        lock.readLock().lock();
        try {
            readRange(sector << 9, address, bytes);
        } finally {
            lock.readLock().unlock();
        }
    }

    private void readRange(long from, long to, int bytes) throws IOException {
        long pos = from, address = to;
        for (int left = bytes; left > 0;) {
            int in = (int) pos & clusterSize - 1;
            int n = Math.min(left, clusterSize - in);
            long e = mapping.entry(pos >> clusterBits);
            if ((e & Mapping.COMPRESSED) != 0) {
                Raw.put(address, Compressed.read(header, e), in, n);
            } else if ((e & Mapping.ZERO) != 0) {
                Raw.zero(address, n);
            } else if ((e & Mapping.OFFSET) == 0) {
                readBase(pos, address, n);
            } else {
                long host = e & Mapping.OFFSET;
                // neighbours in the file are read in one piece
                while (n < left && (mapping.entry(pos + n >> clusterBits) & ~Mapping.COPIED) == host + in + n) {
                    n += Math.min(left - n, clusterSize);
                }
                if (host >= header.store.size()) {
                    throw header.corrupt("cluster at 0x" + Long.toHexString(host) + " lies behind the file's end: the file was cut");
                }
                header.store.read(host + in, buffer(address, n));
            }
            pos += n;
            address += n;
            left -= n;
        }
    }

    private void readBase(long pos, long address, int n) throws IOException {
        long there = base == null ? 0 : Math.clamp((base.sectors() << 9) - pos, 0, n);
        if (there > 0) {
            base.read(pos >> 9, address, (int) there);
        }
        Raw.zero(address + there, n - there);
    }

    private void writable() throws IOException {
        if (readOnly) {
            throw header.wrong("is open read-only", "open it without ro");
        }
        if (broken) {
            throw header.corrupt("its tables are wrong; it takes no more writes");
        }
    }

    @Override public void write(long sector, long address, int bytes) throws IOException {
        writable();
        long pos = sector << 9;
        for (int done = 0; done < bytes;) {
            int n = Math.min(bytes - done, clusterSize - ((int) (pos + done) & clusterSize - 1));
            if (!writeInPlace(pos + done, address + done, n)) {
                lock.writeLock().lock();
                try {
                    writeNew(pos + done, address + done, n);
                    if (mapping.full()) {
                        flushTables();
                    }
                } catch (ImageException e) {
                    broke(e);
                    throw e;
                } finally {
                    lock.writeLock().unlock();
                }
            }
            done += n;
        }
    }

    private static boolean inPlace(long e) { return (e & Mapping.COPIED) != 0 && (e & Mapping.ZERO) == 0 && (e & Mapping.OFFSET) != 0; }

    private boolean writeInPlace(long pos, long address, int n) throws IOException {
        lock.readLock().lock();
        try {
            long e = mapping.entry(pos >> clusterBits);
            if (!inPlace(e)) {
                return false;
            }
            if (metadata.holds(e & Mapping.OFFSET) || (e & Mapping.OFFSET) >= header.store.size()) {
                // the slow way says what is wrong, and marks the image
                return false;
            }
            header.store.write((e & Mapping.OFFSET) + ((int) pos & clusterSize - 1), buffer(address, n));
            return true;
        } finally {
            lock.readLock().unlock();
        }
    }

    private long dataPlace(long e) throws IOException {
        long host = e & Mapping.OFFSET;
        if (metadata.holds(host) || host >= header.store.size()) {
            throw header.corrupt("data at 0x" + Long.toHexString(host) + (metadata.holds(host) ? ", where tables are" : ", behind the file's end"));
        }
        return host;
    }

    /** The cluster is not there, or not this image's alone: a whole one is written, and then entered. */
    private void writeNew(long pos, long address, int n) throws IOException {
        long cluster = pos >> clusterBits, e = mapping.entry(cluster);
        if (inPlace(e)) {
            // somebody was faster
            header.store.write(dataPlace(e) + ((int) pos & clusterSize - 1), buffer(address, n));
            return;
        }
        boolean reserved = (e & Mapping.COMPRESSED) == 0 && (e & Mapping.COPIED) != 0 && (e & Mapping.OFFSET) != 0;
        long host = reserved ? dataPlace(e) : counts.allocate(1);
        try {
            if (n == clusterSize) {
                header.store.write(host, buffer(address, n));
            } else {
                readRange(cluster << clusterBits, scratch.address(), clusterSize);
                Raw.copy(address, scratch.address() + ((int) pos & clusterSize - 1), n);
                header.store.write(host, buffer(scratch.address(), clusterSize));
            }
        } catch (IOException x) {
            if (!reserved) {
                counts.set(host >> clusterBits, 0);
            }
            throw x;
        }
        enter(cluster, host | Mapping.COPIED);
        if (!reserved) {
            release(e);
        }
    }

    private void enter(long cluster, long entry) throws IOException {
        long table = mapping.set(cluster, entry, counts);
        if (table != 0) {
            metadata.remove(table, 1);
            released.add(new long[] {table, clusterSize});
        }
    }

    /** What an entry used loses a user. */
    private void release(long e) {
        if ((e & Mapping.COMPRESSED) != 0) {
            released.add(new long[] {Compressed.offset(e, clusterBits), Compressed.length(e, clusterBits)});
        } else if ((e & Mapping.OFFSET) != 0) {
            released.add(new long[] {e & Mapping.OFFSET, clusterSize});
        }
    }

    @Override public void discard(long sector, long count) throws IOException {
        writable();
        lock.writeLock().lock();
        try {
            long end = Math.min((sector + count) << 9, header.size);
            // the last cluster of the disk may be less than one
            long last = end == header.size ? end + clusterSize - 1 >> clusterBits : end >> clusterBits;
            for (long c = (sector << 9) + clusterSize - 1 >> clusterBits; c < last; c++) {
                forget(c);
                if (mapping.full()) {
                    flushTables();
                }
            }
        } catch (ImageException e) {
            broke(e);
            throw e;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void forget(long cluster) throws IOException {
        long e = mapping.entry(cluster);
        boolean baseShows = base != null && cluster << clusterBits < base.sectors() << 9;
        long empty = baseShows ? Mapping.ZERO : 0;
        if (e == empty || baseShows && header.version == 2 || (e & ~Mapping.COPIED) == empty) {
            return;
        }
        enter(cluster, empty);
        release(e);
    }

    @Override public void flush() throws IOException {
        lock.writeLock().lock();
        try {
            flushTables();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** See the package for the order. */
    private void flushTables() throws IOException {
        if (!readOnly && !broken && (mapping.dirty() || counts.dirty())) {
            if (counts.dirty()) {
                counts.writeBlocks();
            }
            header.store.flush();
            if (counts.tableDirty()) {
                long[] old = counts.writeTable();
                header.store.flush();
                if (old != null) {
                    released.add(old);
                }
            }
            mapping.write();
        }
        header.store.flush();
        if (!released.isEmpty() && !broken) {
            List<long[]> now = new ArrayList<>(released);
            released.clear();
            for (long[] r : now) {
                for (long at = r[0] & -clusterSize; at < r[0] + r[1]; at += clusterSize) {
                    if (counts.release(at) && r[1] >= clusterSize) {
                        header.store.punch(at, clusterSize);
                    }
                }
            }
        }
    }

    /** Marks the image for whoever opens it next. */
    private void broke(ImageException e) {
        if (!e.corrupt || broken) {
            return;
        }
        broken = true;
        try {
            header.incompatible(header.incompatible | Header.CORRUPT);
        } catch (IOException x) {
            // it is refused here anyway
        }
    }

    /** Another size; to a smaller one the end is lost. */
    public void resize(long bytes) throws IOException {
        writable();
        if (bytes <= 0 || bytes % 512 != 0) {
            throw header.wrong("cannot get a size of " + bytes + " bytes", "choose a multiple of 512");
        }
        long old = header.size;
        if (bytes > old && base != null && base.sectors() << 9 > old) {
            throw header.wrong("cannot grow: its backing file is larger and would show", "convert it first: ./xen image convert");
        }
        if (bytes < old) {
            discard(bytes >> 9, (old - bytes) >> 9);
        }
        lock.writeLock().lock();
        try {
            flushTables();
            long[] place = mapping.resize(bytes, counts);
            if (place != null) {
                flushTables();
                mapping.moved(bytes);
                header.store.flush();
                metadata.remove(place[0], place[1]);
                if (place[1] > 0) {
                    released.add(place);
                }
            }
            flushTables();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** What is stored of it, as entries: for convert, which leaves holes out. */
    public boolean empty(long sector) throws IOException {
        long e = mapping.entry((sector << 9) >> clusterBits);
        return (e & Mapping.ZERO) != 0 || (e & (Mapping.COMPRESSED | Mapping.OFFSET)) == 0 && base == null;
    }

    @Override public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (!readOnly && !broken) {
                flush();
                // what the first one released
                flush();
            }
        } finally {
            scratch.free();
            try {
                header.store.close();
            } finally {
                if (base != null) {
                    base.close();
                }
            }
        }
    }
}
