package xen.toolstack.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackedKernelsTest {
    private final ByteBuffer payload = ByteBuffer.wrap(random(1, 2 << 20));
    private final byte[] content = random(2, 5 << 20);

    @TempDir private Path dir;

    private UnpackedKernels kept() { return new UnpackedKernels(dir.resolve("kernels")); }

    private static byte[] random(int seed, int size) {
        byte[] b = new byte[size];
        new Random(seed).nextBytes(b);
        return b;
    }

    @Test void whatWasKeptIsFoundByItsPackedBytes() {
        assertThat(kept().find(payload)).isNull();
        kept().write(kept().file(payload), content);
        assertThat(kept().find(payload)).isEqualTo(ByteBuffer.wrap(content));
        assertThat(kept().find(ByteBuffer.wrap(random(3, 2 << 20)))).isNull();
    }

    @Test void aDamagedOrShortFileIsNotUsed() throws IOException {
        Path file = kept().file(payload);
        kept().write(file, content);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertThat(kept().find(payload)).isNull();
        Files.write(file, java.util.Arrays.copyOf(bytes, 100));
        assertThat(kept().find(payload)).isNull();
        Files.write(file, new byte[0]);
        assertThat(kept().find(payload)).isNull();
    }

    @Test void aFileThatOthersMayWriteIsNotUsed() throws IOException {
        Path file = kept().file(payload);
        kept().write(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(kept().find(payload)).isNull();
    }

    @Test void fourStayAndHalfFilesGo() throws IOException {
        for (int i = 0; i < 6; i++) {
            Path file = kept().file(ByteBuffer.wrap(random(10 + i, 2 << 20)));
            kept().write(file, new byte[100]);
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000L + i * 1000));
        }
        Path half = Files.createFile(dir.resolve("kernels/kernel1.part"));
        Files.setLastModifiedTime(half, FileTime.fromMillis(0));
        kept().write(kept().file(payload), content);
        try (Stream<Path> left = Files.list(dir.resolve("kernels"))) {
            assertThat(left).hasSize(4).contains(kept().file(payload), kept().file(ByteBuffer.wrap(random(15, 2 << 20)))).doesNotContain(half, kept().file(ByteBuffer.wrap(random(10, 2 << 20))));
        }
    }

    @Test void theEnvironmentChoosesTheFolderOrNone() {
        assertThat(UnpackedKernels.of(Map.of("XEN_KERNEL_CACHE", "off")).find(payload)).isNull();
        assertThat(UnpackedKernels.of(Map.of("XEN_KERNEL_CACHE", "/a")).file(payload)).hasParentRaw(Path.of("/a"));
        assertThat(UnpackedKernels.of(Map.of("XDG_CACHE_HOME", "/b")).file(payload)).hasParentRaw(Path.of("/b/xen-java/kernels"));
    }

    @Test void aFolderThatCannotBeWrittenCostsNothing() throws IOException {
        Path file = Files.createFile(dir.resolve("a-file"));
        UnpackedKernels kept = new UnpackedKernels(file.resolve("kernels"));
        kept.write(kept.file(payload), content);
        assertThat(kept.find(payload)).isNull();
    }
}
