package xen.hw.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockFormat;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.hw.Raw;

/** Images that cannot be used: file, cause and next step are said. And the command that makes good ones. */
class ImageInputTest {
    @TempDir Path folder;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(), err = new ByteArrayOutputStream();

    private static BlockFormat format(String name) {
        return switch (name) {
            case "qcow2" -> new Qcow2Format();
            case "raw-4k" -> new RawFormat.Sectors4096();
            default -> new RawFormat.Sectors512();
        };
    }

    private int image(String... args) {
        out.reset();
        err.reset();
        return new ImageCommand().run(Arrays.asList(args), new CliIo(InputStream.nullInputStream(), new PrintStream(out, true), new PrintStream(err, true)));
    }

    private String file(String name) { return folder.resolve(name).toString(); }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "raw-4k", "qcow2"})
    void aMissingFileADirectoryAndAnEmptyFileAreRefusedByName(String name) throws IOException {
        assertThatThrownBy(() -> format(name).open(file("none"), false)).hasMessageContaining("none").hasMessageContaining("no such file");
        assertThatThrownBy(() -> format(name).open(folder.toString(), false)).hasMessageContaining("is a directory");
        Files.createFile(folder.resolve("empty"));
        assertThatThrownBy(() -> format(name).open(file("empty"), false)).hasMessageContaining("empty: ").hasMessageContaining("; ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "qcow2"})
    void aFileWithoutPermissionIsRefusedWithTheWayOut(String name) throws IOException {
        assumeFalse("root".equals(System.getProperty("user.name")), "root may do everything");
        Path f = Files.write(folder.resolve("locked"), new byte[512]);
        Files.setPosixFilePermissions(f, PosixFilePermissions.fromString("r--r--r--"));
        assertThatThrownBy(() -> format(name).open(f.toString(), false)).hasMessageContaining("no permission to write").hasMessageContaining(",ro");
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "qcow2"})
    void anImageHasOneWriterOrManyReaders(String name) throws IOException {
        assertThat(image("create", "-f", name, file("one"), "1M")).isZero();
        try (BlockBacking first = format(name).open(file("one"), false)) {
            assertThat(first.sectors()).isEqualTo(2048);
            assertThatThrownBy(() -> format(name).open(file("one"), false)).hasMessageContaining("in use");
        }
        try (BlockBacking reader = format(name).open(file("one"), true); BlockBacking another = format(name).open(file("one"), true)) {
            assertThat(reader.sectors()).isEqualTo(another.sectors());
            assertThatThrownBy(() -> format(name).open(file("one"), false)).hasMessageContaining("in use");
        }
        format(name).open(file("one"), false).close();
    }

    @Test void aRawImageThatHoldsAQcow2HeaderIsRaw() throws IOException {
        image("create", file("q"), "1M");
        try (BlockBacking b = format("raw").open(file("q"), true)) {
            assertThat(b.sectors() << 9).isEqualTo(Files.size(folder.resolve("q")));
        }
    }

    @Test void aBackingFileThatIsMissingLoopsOrIsNoFileIsRefusedWithBothNames() {
        image("create", file("base"), "1M");
        image("create", "-b", "base", "-F", "qcow2", file("over"));
        assertThat(image("rebase", "-b", "over", "-F", "qcow2", file("over"))).isZero();
        assertThatThrownBy(() -> format("qcow2").open(file("over"), true)).hasMessageContaining("lies over itself");
        image("rebase", "-b", "gone", "-F", "qcow2", file("over"));
        assertThatThrownBy(() -> format("qcow2").open(file("over"), false)).hasMessageContaining("over: its backing file: ").hasMessageContaining("gone");
        image("rebase", "-b", "nbd://host/x", "-F", "raw", file("over"));
        assertThatThrownBy(() -> format("qcow2").open(file("over"), false)).hasMessageContaining("no file of this host");
    }

    @Test void sectorsOf4096BytesAreWhatTheDiskSays() throws IOException {
        Files.write(folder.resolve("k"), new byte[3 * 4096 + 512]);
        try (BlockBacking b = format("raw-4k").open(file("k"), false)) {
            assertThat(b.sectorSize()).isEqualTo(4096);
            assertThat(b.sectors()).isEqualTo(24);
        }
    }

    @Test void discardedPartsOfARawImageReadAsZeros() throws IOException {
        byte[] ones = new byte[1 << 20];
        Arrays.fill(ones, (byte) 1);
        Files.write(folder.resolve("r"), ones);
        Raw.Area a = Raw.allocate(4096);
        try (BlockBacking b = format("raw").open(file("r"), false)) {
            org.junit.jupiter.api.Assumptions.assumeTrue(b.discards());
            b.discard(64, 512);
            b.read(64, a.address(), 4096);
            int seen = Raw.get8(a.address());
            assertThat(seen).as("a hole, or a file system without holes").isIn(0, 1);
            b.read(0, a.address(), 4096);
            assertThat(Raw.get8(a.address())).isEqualTo(1);
        } finally {
            a.free();
        }
        assertThat(Files.size(folder.resolve("r"))).isEqualTo(1 << 20);
    }

    @Test void theCommandMakesConvertsChecksAndResizes() throws IOException {
        byte[] data = new byte[3 << 20];
        new java.util.Random(1).nextBytes(data);
        Arrays.fill(data, 1 << 20, 2 << 20, (byte) 0);
        Files.write(folder.resolve("a.raw"), data);
        assertThat(image("convert", "-f", "raw", "-O", "qcow2", file("a.raw"), file("b.qcow2"))).as(err.toString()).isZero();
        assertThat(image("check", file("b.qcow2"))).isZero();
        assertThat(image("info", file("b.qcow2"))).isZero();
        assertThat(out.toString()).contains("3145728 bytes");
        assertThat(image("resize", "-f", "qcow2", file("b.qcow2"), "2M")).isEqualTo(2);
        assertThat(err.toString()).contains("--shrink");
        assertThat(image("resize", "-f", "qcow2", file("b.qcow2"), "+1M")).isZero();
        assertThat(image("convert", "-f", "qcow2", "-O", "raw", file("b.qcow2"), file("c.raw"))).isZero();
        assertThat(Files.readAllBytes(folder.resolve("c.raw"))).startsWith(data).hasSize(4 << 20);
        assertThat(image("create", file("b.qcow2"), "1M")).isEqualTo(1);
        assertThat(err.toString()).contains("is there already");
        assertThat(image("create", file("x"), "lots")).isEqualTo(2);
        assertThat(image("create", "-b", "b.qcow2", file("x"))).isEqualTo(2);
        assertThat(image("nonsense")).isEqualTo(2);
        assertThat(image()).isEqualTo(2);
        assertThat(image("--help")).isZero();
    }
}
