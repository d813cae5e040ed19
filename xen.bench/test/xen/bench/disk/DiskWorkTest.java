package xen.bench.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import xen.bench.Arguments;
import xen.bench.Figures;
import xen.bench.linux.LinuxGuest.Took;
import xen.kernel.api.cli.CommandFailure;

class DiskWorkTest {
	private final DiskWork work = new DiskWork("w", "read", false, 4096, 32, 1000);

	private static List<DiskWork> works(String... args) { return DiskBenchmark.works(new Arguments("usage text", List.of(args), "--work")); }

	@Test
	void theGuestsLineNamesKindOrderBytesDepthAndCount() {
		assertThat(work.line()).isEqualTo("read rand 4096 32 1000");
		assertThat(new DiskWork("w", "sync", true, 8192, 1, 5).line()).isEqualTo("sync seq 8192 1 5");
	}

	@Test
	void worksComeInTheOrderTheyAreNamed() {
		assertThat(works("--work", "sync_write,seq_read")).extracting(DiskWork::name).containsExactly("sync_write", "seq_read");
		assertThat(works()).isEqualTo(DiskWork.ALL);
	}

	@Test
	void anUnknownWorkIsRefusedWithTheUsage() { assertThatThrownBy(() -> works("--work", "seq_read,nonsense")).isInstanceOf(CommandFailure.class).hasMessageContaining("usage text"); }

	@Test
	void everyWorkIsOneThatTheGuestTakesAndItsRequestsUnderWayDoNotOverlap() {
		assertThat(DiskWork.ALL).allSatisfy(w -> {
			assertThat(w.bytes()).isBetween(4096, 1 << 20);
			assertThat(Integer.bitCount(w.bytes())).isOne();
			assertThat(w.depth()).isBetween(1, 64).isLessThan(BenchImage.BYTES / w.bytes());
			assertThat(w.kind()).isIn("read", "write", "sync");
			assertThat(w.kind().equals("sync") && w.depth() > 1).isFalse();
		});
		assertThat(DiskWork.ALL.stream().map(DiskWork::name).distinct().count()).isEqualTo(DiskWork.ALL.size());
		assertThat(Integer.bitCount(BenchImage.BYTES)).isOne();
	}

	@Test
	void throughputIsOfTheMedianRoundAndARatioIsQemusTimeOverOurs() {
		Figures row = new Figures();
		DiskFigures f = new DiskFigures(work, row);
		List<Took> ours = List.of(new Took(2, 1), new Took(1, 0.5), new Took(8, 4)), qemu = List.of(new Took(1, 2), new Took(2, 2), new Took(4, 4));
		f.add("native", ours);
		f.compare(ours, qemu);
		assertThat(row.get("native_iops")).isEqualTo(500);
		assertThat(row.get("native_mb_per_s")).isCloseTo(2.048, within(1e-9));
		assertThat(row.get("native_cpu_us")).isCloseTo(1000, within(1e-9));
		assertThat(f.ratio()).isEqualTo(0.5);
		assertThat(f.cpuTimeRatio()).isEqualTo(2);
	}

	@Test
	void theImageTellsItsPlacesInEverySector(@TempDir Path folder) throws IOException {
		Path file = folder.resolve("image");
		BenchImage.write(file);
		assertThat(Files.size(file)).isEqualTo(BenchImage.BYTES);
		ByteBuffer b = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
		try (FileChannel c = FileChannel.open(file)) {
			c.read(b, 512L * 77_777);
		}
		assertThat(b.getLong(0)).isEqualTo(77_777L << 16);
		assertThat(b.getLong(8)).isEqualTo(0x9e3779b97f4a7c15L);
		assertThat(b.getLong(504)).isEqualTo(77_777L << 16);
	}
}
