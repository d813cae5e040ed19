package xen.bench.disk;

import java.util.List;

/**
 * A piece of work that guest/disk.c does on its disk.
 *
 * @param kind read, write, or sync: a write and fdatasync each
 * @param bytes of each request, a power of two from 4,096 to 1 MiB
 * @param depth requests under way at once
 * @param count of requests
 */
record DiskWork(String name, String kind, boolean sequential, int bytes, int depth, int count) {
	private static final int SMALL = 4096, LARGE = 128 << 10;

	static final List<DiskWork> ALL = List.of(
			new DiskWork("seq_read", "read", true, LARGE, 1, 4096),
			new DiskWork("seq_read_d8", "read", true, LARGE, 8, 4096),
			new DiskWork("seq_write", "write", true, LARGE, 1, 2048),
			new DiskWork("seq_write_d8", "write", true, LARGE, 8, 2048),
			new DiskWork("rand_read", "read", false, SMALL, 1, 8192),
			new DiskWork("rand_read_d32", "read", false, SMALL, 32, 32768),
			new DiskWork("rand_write", "write", false, SMALL, 1, 8192),
			new DiskWork("rand_write_d32", "write", false, SMALL, 32, 32768),
			new DiskWork("sync_write", "sync", false, SMALL, 1, 256));

	/** The guest's line for it. */
	String line() { return kind + (sequential ? " seq " : " rand ") + bytes + " " + depth + " " + count; }

	double megabytes(double seconds) { return (double) bytes * count / 1e6 / seconds; }

	double requests(double seconds) { return count / seconds; }
}
