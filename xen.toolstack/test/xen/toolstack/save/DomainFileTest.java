package xen.toolstack.save;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import xen.kernel.api.control.DomainImage;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.control.RestoringDomain;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.SavedDomain;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.store.SavedConnection;
import xen.toolstack.store.SavedNode;

/** A snapshot's file comes back as it was written; one that is cut, damaged, foreign or made up is refused with a message that helps. */
class DomainFileTest {
    private static final DomainSpec SPEC = DomainSpec.simple("guest", Path.of("/kernel"), null, "console=hvc0\nwith a line and a \\", 1, 2, null);
    private static final MachineConfig MACHINE = new MachineConfig(2 << 20, new Topology(1, 2, 1), TimeMode.VIRTUAL, null, null, MachineConfig.DEFAULT_HZ);

    @TempDir Path dir;
    private final MachineMemory memory = new MachineMemory(2 << 20);
    private Path file;
    private byte[] good;
    private boolean moved;

    @BeforeEach void write() throws IOException {
        file = dir.resolve("a.snap");
        long[] mfns = {3, 4, 5, 9, 10, 40};
        for (long m : mfns) {
            // frame 9 stays zero
            if (m != 9) {
                Raw.fill(memory.address(m), 4096, (int) m);
            }
        }
        DomainImage image = new DomainImage(1, 2, 40, mfns, new long[] {0, 1, 2, 3, 4, 5}, new byte[] {0, 1, 0, 0, 0, 16}, true, new byte[] {1, 2, 3});
        ToolState tools = new ToolState(2, 1, 7, 5_000, "log".getBytes(StandardCharsets.US_ASCII), List.of(new byte[] {'x'}),
                new SavedConnection(1, new byte[] {9}, List.of(new byte[20]), false, List.of(new SavedConnection.SavedWatch("/local/domain/1/memory", "t", "")), List.of(4)),
                List.of(new SavedNode("/local/domain/1/name", "guest".getBytes(StandardCharsets.US_ASCII), List.of("n0", "r1"))), List.of());
        DomainFile.write(file, image, SPEC, MACHINE, tools, memory, 1234, 5678);
        good = Files.readAllBytes(file);
    }

    @AfterEach void free() { memory.close(); }

    @Test void whatWasWrittenIsRead() {
        try (DomainFile f = DomainFile.open(file)) {
            SavedDomain s = f.summary();
            assertThat(s.spec()).isEqualTo(SPEC);
            assertThat(s.machine()).isEqualTo(MACHINE);
            assertThat(s.instructions()).isEqualTo(1234);
            assertThat(s.nanos()).isEqualTo(5678);
            assertThat(s.pages()).isEqualTo(5);
            assertThat(f.image().mfns()).containsExactly(3, 4, 5, 9, 10, 40);
            assertThat(f.image().state()).containsExactly(1, 2, 3);
            assertThat(f.tools().nodes().getFirst().path()).isEqualTo("/local/domain/1/name");
            assertThat(f.tools().connection().watches()).hasSize(1);
            // into frames that follow each other otherwise
            long[] to = {100, 101, 102, 103, 104, 105};
            f.fill(domain(f.image().mfns(), false), memory);
            for (long m : to) {
                Raw.zero(memory.address(m), 4096);
            }
            f.fill(domain(to, false), memory);
            for (int i = 0; i < to.length; i++) {
                long m = f.image().mfns()[i];
                assertThat(Raw.get8(memory.address(to[i]) + 4095)).isEqualTo(m == 9 ? 0 : (int) m);
            }
        }
    }

    private static RestoringDomain domain(long[] mfns, boolean moved) {
        return new RestoringDomain() {
            @Override public Domain domain() { return null; }
            @Override public long[] mfns() { return mfns; }
            @Override public boolean moved() { return moved; }
            @Override public void complete() { }
            @Override public void abandon() { }
        };
    }

    /** Everything that a restore reads. */
    private void readAll() {
        try (DomainFile f = DomainFile.open(file)) {
            f.summary();
            f.tools();
            DomainImage i = f.image();
            long[] mfns = new long[i.mfns().length];
            if (mfns.length > 200) {
                return;
            }
            Arrays.setAll(mfns, n -> 100 + n);
            var frames = f.fill(domain(mfns, moved), memory);
            StoreView.of(file, f.tools().nodes(), i.domid(), f.spec().uuid(), 7, new UUID(0, 7), "other", frames);
        }
    }

    private void refused(byte[] bytes, String... words) throws IOException {
        Files.write(file, bytes);
        assertThatThrownBy(this::readAll).isInstanceOf(ToolstackException.class).hasMessageContaining(file.toString())
                .satisfies(e -> List.of(words).forEach(w -> assertThat(e.getMessage()).contains(w)));
    }

    private byte[] with(Consumer<ByteBuffer> change) {
        byte[] b = good.clone();
        change.accept(ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN));
        return b;
    }

    @Test void everyDamageIsNamed() throws IOException {
        refused("not at all".repeat(1000).getBytes(StandardCharsets.US_ASCII), "not a snapshot");
        refused(new byte[0], "it has only 0 bytes", "save the domain again");
        refused(Arrays.copyOf(good, good.length - 1), "cut short", "save the domain again");
        refused(with(b -> b.putInt(SnapshotFormat.AT_VERSION, 9)), "format 9", "reads format 1");
        refused(with(b -> b.put(100, (byte) (b.get(100) + 1))), "header is damaged");
        refused(with(b -> b.put(b.capacity() - 100, (byte) 77)), "memory is damaged");
        refused(with(b -> b.put(4096, (byte) 77)), "section meta is damaged");
        Files.delete(file);
        assertThatThrownBy(this::readAll).hasMessageContaining("no such file").hasMessageContaining("xen save");
        Files.createDirectory(file);
        assertThatThrownBy(this::readAll).hasMessageContaining("a folder");
    }

    @Test void everyCutAndEverySingleChangeOfTheHeaderIsRefused() throws IOException {
        for (int i = 0; i < SnapshotFormat.AT_TABLE + 6 * SnapshotFormat.ROW; i++) {
            int at = i;
            refused(with(b -> b.put(at, (byte) (b.get(at) ^ 0x41))));
        }
        for (int length = 0; length < good.length; length += 509) {
            refused(Arrays.copyOf(good, length));
        }
    }

    /** Checksums are no protection: whoever makes a file up makes them fit. Nothing but a refusal may come of what is behind them. */
    @Test void madeUpContentsWithRightChecksumsAreRefusedOrHarmless() throws IOException {
        int refusals = 0;
        for (int seed = 0; seed < 600; seed++) {
            Random random = new Random(seed);
            moved = seed % 3 == 0;
            ByteBuffer b = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN);
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                int row = SnapshotFormat.AT_TABLE + random.nextInt(6) * SnapshotFormat.ROW;
                int offset = (int) b.getLong(row + 8), length = (int) b.getLong(row + 16);
                if (random.nextInt(8) == 0) {
                    b.putLong(row + (random.nextBoolean() ? 8 : 16), random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(good.length));
                } else if (length > 0 && offset > 0 && offset + length <= good.length) {
                    b.put(offset + random.nextInt(length), (byte) (random.nextBoolean() ? random.nextInt() : 0xff));
                }
            }
            seal(b);
            Files.write(file, b.array());
            try {
                readAll();
            } catch (ToolstackException e) {
                refusals++;
                assertThat(e.getMessage()).as("seed %d", seed).contains(file.toString());
            } catch (RuntimeException | Error e) {
                fail("seed " + seed, e);
            }
        }
        assertThat(refusals).isBetween(100, 590);
    }

    private static void seal(ByteBuffer b) {
        for (int i = 0; i < 6; i++) {
            int row = SnapshotFormat.AT_TABLE + i * SnapshotFormat.ROW;
            long offset = b.getLong(row + 8), length = b.getLong(row + 16);
            if (offset >= 0 && length >= 0 && offset <= b.capacity() - length) {
                CRC32C crc = new CRC32C();
                crc.update(b.array(), (int) offset, (int) length);
                b.putInt(row + 24, (int) crc.getValue());
            }
        }
        b.putInt(SnapshotFormat.AT_CRC, 0);
        CRC32C crc = new CRC32C();
        crc.update(b.array(), 0, SnapshotFormat.PAGE);
        b.putInt(SnapshotFormat.AT_CRC, (int) crc.getValue());
    }

    @Test void nodesOfOthersAndRightsOfOthersAreRefused() {
        UUID u = new UUID(0, 1);
        for (String path : List.of("/local/domain/2/name", "/local/domain/10", "/vm/other", "/local/domain/0/backend/vbd/2/51712", "/tool")) {
            SavedNode n = new SavedNode(path, new byte[0], List.of("n0"));
            assertThatThrownBy(() -> StoreView.of(file, List.of(n), 1, u, 1, u, "x", m -> m)).hasMessageContaining("somebody else");
        }
        SavedNode rights = new SavedNode("/local/domain/1/data", new byte[0], List.of("n1", "b5"));
        assertThatThrownBy(() -> StoreView.of(file, List.of(rights), 1, u, 1, u, "x", m -> m)).hasMessageContaining("rights");
    }

    @Test void nodesOfACloneNameIt() {
        UUID u = new UUID(0, 1), v = new UUID(0, 2);
        List<SavedNode> nodes = List.of(node("/local/domain/1/domid", "1"), node("/local/domain/1/vm", "/vm/" + u), node("/local/domain/1/store/ring-ref", "17"),
                node("/local/domain/0/backend/vbd/1/51712/frontend", "/local/domain/1/device/vbd/51712"));
        assertThat(StoreView.of(file, nodes, 1, u, 3, v, "x", m -> m + 100).stream().map(n -> n.path() + "=" + new String(n.value(), StandardCharsets.US_ASCII)))
                .containsExactly("/local/domain/3/domid=3", "/local/domain/3/vm=/vm/" + v, "/local/domain/3/store/ring-ref=117",
                        "/local/domain/0/backend/vbd/3/51712/frontend=/local/domain/3/device/vbd/51712");
    }

    private static SavedNode node(String path, String value) { return new SavedNode(path, value.getBytes(StandardCharsets.US_ASCII), List.of("n0", "r1")); }
}
