package xen.bench.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The image whose contents guest/disk.c knows: each sector's first and last word tell its place, and that no guest wrote it yet. */
final class BenchImage {
	/** A power of two: the guest's random places are a permutation of all. */
	static final int BYTES = 128 << 20;
	private static final int SECTOR = 512, WORDS = SECTOR / 8, PIECE = 1 << 20;
	private static final long FACTOR = 0x9e3779b97f4a7c15L;

	private BenchImage() {}

	static void write(Path file) throws IOException {
		ByteBuffer b = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
		try (FileChannel c = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
			for (int at = 0; at < BYTES; at += PIECE) {
				b.clear();
				for (int i = 0; i < PIECE / 8; i++) b.putLong(word((at + i * 8) / SECTOR, i % WORDS));
				b.flip();
				while (b.hasRemaining()) c.write(b);
			}
		}
	}

	static long word(long sector, int w) { return w == 0 || w == WORDS - 1 ? sector << 16 : w * FACTOR; }
}
