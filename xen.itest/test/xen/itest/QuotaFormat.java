package xen.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockFormat;
import xen.kernel.api.hw.Raw;

/** An image in memory on a host that has room for only so much of it: writes to new pages fail as they do when a file system is full. */
final class QuotaFormat implements BlockFormat {
	private static final int PAGE = 4096;

	private int room;

	QuotaFormat(int bytes) {
		room = bytes / PAGE;
	}

	/** Somebody made room. */
	synchronized void more(int bytes) {
		room += bytes / PAGE;
	}

	private synchronized void take() throws IOException {
		if (room == 0) throw new IOException("No space left on device");
		room--;
	}

	@Override
	public BlockBacking open(String target, boolean readOnly) throws IOException {
		byte[][] pages = new byte[(int) (Files.size(Path.of(target)) / PAGE)][];
		return new BlockBacking() {
			@Override
			public long sectors() {
				return pages.length * (PAGE / 512L);
			}

			@Override
			public boolean readOnly() {
				return readOnly;
			}

			@Override
			public synchronized void read(long sector, long address, int bytes) {
				for (int i = 0; i < bytes; i++) {
					long at = sector * 512 + i;
					byte[] page = pages[(int) (at / PAGE)];
					Raw.put8(address + i, page == null ? 0 : page[(int) (at % PAGE)]);
				}
			}

			@Override
			public synchronized void write(long sector, long address, int bytes) throws IOException {
				for (int done = 0; done < bytes; done += 512) {
					long at = sector * 512 + done;
					int page = (int) (at / PAGE);
					if (pages[page] == null) {
						take();
						pages[page] = new byte[PAGE];
					}
					Raw.get(address + done, pages[page], (int) (at % PAGE), 512);
				}
			}

			@Override
			public void flush() {}

			@Override
			public void close() {}
		};
	}
}
