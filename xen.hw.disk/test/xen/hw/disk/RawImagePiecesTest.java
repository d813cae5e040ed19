package xen.hw.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import xen.kernel.api.hw.Raw;

class RawImagePiecesTest {
	private static final int SIZE = 64 << 10, PIECES = 3 * 16;
	@TempDir Path folder;
	private final Raw.Area memory = Raw.allocate(SIZE + PIECES);
	private final long pieces = memory.address() + SIZE;

	@AfterEach
	void free() { memory.free(); }

	/** Three pieces of 4096, 512 and 1024 bytes, apart and not in order. */
	private void pieces() {
		long[] places = {32768, 4096, 16384}, lengths = {4096, 512, 1024};
		for (int i = 0; i < 3; i++) {
			Raw.put64(pieces + 16L * i, memory.address() + places[i]);
			Raw.put64(pieces + 16L * i + 8, lengths[i]);
		}
	}

	private byte[] bytes(int at, int n) {
		byte[] b = new byte[n];
		Raw.get(memory.address() + at, b, 0, n);
		return b;
	}

	private Path image(byte[] content) throws IOException { return Files.write(folder.resolve("image"), content); }

	private static byte[] random(int n) {
		byte[] b = new byte[n];
		new Random(7).nextBytes(b);
		return b;
	}

	@Test
	void piecesAreReadOneBehindTheOther() throws IOException {
		byte[] content = random(16384);
		pieces();
		try (RawImage image = new RawImage(image(content), true, 512)) {
			image.readPieces(3, pieces, 3);
		}
		assertThat(bytes(32768, 4096)).isEqualTo(java.util.Arrays.copyOfRange(content, 1536, 5632));
		assertThat(bytes(4096, 512)).isEqualTo(java.util.Arrays.copyOfRange(content, 5632, 6144));
		assertThat(bytes(16384, 1024)).isEqualTo(java.util.Arrays.copyOfRange(content, 6144, 7168));
	}

	@Test
	void piecesAreWrittenOneBehindTheOtherAndNothingElseChanges() throws IOException {
		byte[] content = random(16384);
		Raw.fill(memory.address() + 32768, 4096, 1);
		Raw.fill(memory.address() + 4096, 512, 2);
		Raw.fill(memory.address() + 16384, 1024, 3);
		pieces();
		Path file = image(content);
		try (RawImage image = new RawImage(file, false, 512)) {
			image.writePieces(3, pieces, 3);
		}
		java.util.Arrays.fill(content, 1536, 5632, (byte) 1);
		java.util.Arrays.fill(content, 5632, 6144, (byte) 2);
		java.util.Arrays.fill(content, 6144, 7168, (byte) 3);
		assertThat(Files.readAllBytes(file)).isEqualTo(content);
	}

	@Test
	void whatTheHostHasInItsCacheIsReadAtOnce() throws IOException {
		byte[] content = random(16384);
		pieces();
		try (RawImage image = new RawImage(image(content), true, 512)) {
			image.readPieces(0, pieces, 3);
			if (image.readNow(3, pieces, 3)) {
				assertThat(bytes(32768, 4096)).isEqualTo(java.util.Arrays.copyOfRange(content, 1536, 5632));
				assertThat(bytes(16384, 1024)).isEqualTo(java.util.Arrays.copyOfRange(content, 6144, 7168));
			}
			assertThat(image.readNow(31, pieces, 3)).as("half of it is behind the end: that needs another look").isFalse();
		}
	}

	@Test
	void piecesThatAreWrittenAtOnceAreThere() throws IOException {
		pieces();
		Raw.fill(memory.address(), SIZE, 5);
		Path file = image(new byte[16384]);
		try (RawImage image = new RawImage(file, false, 512)) {
			if (image.writeNow(3, pieces, 3)) {
				assertThat(java.util.Arrays.copyOfRange(Files.readAllBytes(file), 1536, 1536 + 5632)).containsOnly(5);
			}
		}
		try (RawImage image = new RawImage(file, true, 512)) {
			assertThat(image.writeNow(3, pieces, 3)).as("an error is found by the write that may wait").isFalse();
		}
	}

	@Test
	void afterAWriteThatHadToWaitSomeMustBeQuickBeforeTheDriverWritesAgain() {
		WriteSpeed s = new WriteSpeed();
		assertThat(s.quick()).isTrue();
		s.took(3_000_000);
		for (int i = 0; i < 16; i++) {
			assertThat(s.quick()).isFalse();
			s.took(10_000);
		}
		assertThat(s.quick()).isTrue();
	}

	@Test
	void whatLiesBehindTheEndOfAFileThatWasCutIsAnError() throws IOException {
		pieces();
		Path file = image(random(16384));
		try (RawImage image = new RawImage(file, true, 512)) {
			try (var cut = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
				cut.truncate(4096);
			}
			assertThatThrownBy(() -> image.readPieces(3, pieces, 3)).isInstanceOf(java.io.EOFException.class).hasMessageContaining("cut").hasMessageContaining("4096");
			assertThat(image.readNow(3, pieces, 3)).isFalse();
			assertThatThrownBy(() -> image.read(30, memory.address(), 512)).isInstanceOf(java.io.EOFException.class);
			image.read(7, memory.address(), 512);
		}
	}

	@Test
	void aWriteThatTheHostRefusesIsAnError() throws IOException {
		pieces();
		try (RawImage image = new RawImage(image(random(16384)), true, 512)) {
			assertThatThrownBy(() -> image.writePieces(0, pieces, 3)).isInstanceOf(Exception.class);
		}
	}
}
