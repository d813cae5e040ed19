package xen.hw.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.hw.Raw;

/** A disk in a qcow2 file against an array that does the same. */
class Qcow2ImageTest {
    private static final int SECTORS = 4096;
    private final Raw.Area area = Raw.allocate(SECTORS * 512L);
    private final byte[] model = new byte[SECTORS * 512];

    @AfterEach void free() { area.free(); }

    private static Qcow2Image open(MemoryStore s, BlockBacking base) throws IOException {
        return Qcow2Files.open(s, false, (name, format) -> base);
    }

    private static MemoryStore make(int version, int clusterSize, int bits, boolean backing) throws IOException {
        MemoryStore s = new MemoryStore();
        Qcow2Files.create(s, new Qcow2Files.Options(SECTORS * 512L, version, clusterSize, bits, false, backing ? "base" : null, backing ? "raw" : null));
        return s;
    }

    /** Random reads, writes, discards and flushes. */
    private void work(Qcow2Image image, Random random, int steps, boolean discards) throws IOException {
        for (int i = 0; i < steps; i++) {
            int n = 1 + random.nextInt(random.nextInt(10) == 0 ? 600 : 20), at = random.nextInt(SECTORS - n);
            int kind = random.nextInt(20);
            if (kind < 9) {
                byte[] data = new byte[n * 512];
                random.nextBytes(data);
                write(image, at, data);
            } else if (kind < 18) {
                compare(image, at, n);
            } else if (kind == 18 && discards) {
                image.discard(at, n);
                // whole clusters are gone, or not: ask
                image.read(at, area.address(), n * 512);
                Raw.get(area.address(), model, at * 512, n * 512);
            } else {
                image.flush();
            }
        }
    }

    private void write(Qcow2Image image, int at, byte[] data) throws IOException {
        Raw.put(area.address(), data, 0, data.length);
        image.write(at, area.address(), data.length);
        System.arraycopy(data, 0, model, at * 512, data.length);
    }

    private void compare(BlockBacking image, int at, int n) throws IOException {
        byte[] got = new byte[n * 512];
        image.read(at, area.address(), got.length);
        Raw.get(area.address(), got, 0, got.length);
        assertThat(Arrays.equals(got, 0, got.length, model, at * 512, at * 512 + got.length)).as("%d sectors at %d", n, at).isTrue();
    }

    private static void clean(MemoryStore s) throws IOException {
        Checker.Result r = Checker.check(s, Checker.Repair.NOTHING);
        assertThat(r.clean()).as("%s", r).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"3, 65536, 16", "2, 65536, 16", "3, 512, 16", "3, 4096, 1", "3, 1024, 2", "3, 2048, 4", "3, 8192, 8", "3, 512, 32", "3, 4096, 64", "3, 2097152, 16"})
    void whatWasWrittenIsReadInEveryShapeAndTheCountsAreRight(int version, int clusterSize, int bits) throws IOException {
        MemoryStore s = make(version, clusterSize, bits, false);
        Random random = new Random(clusterSize + bits);
        for (int round = 0; round < 3; round++) {
            try (Qcow2Image image = open(s, null)) {
                work(image, random, 150, true);
            }
            clean(s);
        }
        try (Qcow2Image image = open(s, null)) {
            compare(image, 0, SECTORS);
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 65536", "2, 4096", "3, 512"})
    void anImageOverAnotherShowsTheOtherWhereItHasNothing(int version, int clusterSize) throws IOException {
        MemoryStore below = make(3, 4096, 16, false);
        try (Qcow2Image base = open(below, null)) {
            work(base, new Random(1), 60, false);
        }
        byte[] before = below.bytes().clone();
        MemoryStore s = make(version, clusterSize, 16, true);
        try (Qcow2Image image = Qcow2Files.open(s, false, (n, f) -> Qcow2Files.open(below, true, null))) {
            compare(image, 0, SECTORS);
            work(image, new Random(2), 200, true);
            compare(image, 0, SECTORS);
        }
        clean(s);
        assertThat(below.bytes()).isEqualTo(before);
    }

    @Test void whatWasFlushedSurvivesALossOfPowerAtAnyTime() throws IOException {
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            Arrays.fill(model, (byte) 0);
            MemoryStore s = make(3, 512 << random.nextInt(4), 16, false);
            s.remember();
            Qcow2Image image = open(s, null);
            work(image, random, 40, true);
            image.flush();
            byte[] flushed = model.clone();
            // later writes elsewhere, some of which arrive: the first half must stay
            for (int i = 0; i < 1 + random.nextInt(30); i++) {
                byte[] data = new byte[512 * (1 + random.nextInt(8))];
                random.nextBytes(data);
                write(image, SECTORS / 2 + random.nextInt(SECTORS / 2 - 8), data);
                if (random.nextInt(12) == 0) {
                    image.discard(SECTORS / 2, SECTORS / 2);
                }
            }
            MemoryStore after = s.crashed(random);
            Checker.Result r = Checker.check(after, Checker.Repair.NOTHING);
            assertThat(r.errors()).as("seed %d: %s", seed, r).isZero();
            System.arraycopy(flushed, 0, model, 0, model.length);
            try (Qcow2Image again = open(after, null)) {
                compare(again, 0, SECTORS / 2);
            }
            Checker.check(after, Checker.Repair.LEAKS);
            clean(after);
            image.close();
        }
    }

    @Test void aLossOfPowerDuringTheFlushItselfLosesNothingThatWasFlushedBefore() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            Arrays.fill(model, (byte) 0);
            MemoryStore s = make(3, 1024, 16, false);
            Qcow2Image image = open(s, null);
            work(image, random, 30, true);
            image.flush();
            s.remember();
            byte[] flushed = model.clone();
            byte[] data = new byte[512 * 40];
            random.nextBytes(data);
            write(image, SECTORS / 2 + random.nextInt(SECTORS / 2 - 40), data);
            Crash crash = new Crash(s, random, random.nextInt(4));
            MemoryStore after = crash.during(image);
            Checker.Result r = Checker.check(after, Checker.Repair.NOTHING);
            assertThat(r.errors()).as("seed %d: %s", seed, r).isZero();
            System.arraycopy(flushed, 0, model, 0, model.length);
            try (Qcow2Image again = open(after, null)) {
                compare(again, 0, SECTORS / 2);
            }
        }
    }

    /** Stops a flush at one of the flushes of the file that it does. */
    private record Crash(MemoryStore store, Random random, int at) {
        MemoryStore during(Qcow2Image image) throws IOException {
            int[] n = {0};
            MemoryStore[] state = {null};
            store.onFlush = () -> {
                if (n[0]++ == at) {
                    state[0] = store.crashed(random);
                }
            };
            image.flush();
            store.onFlush = null;
            return state[0] == null ? store.crashed(random) : state[0];
        }
    }

    @Test void aFullHostDiskIsAnErrorOfThatRequestAndNothingAcknowledgedIsLost() throws IOException {
        MemoryStore s = make(3, 4096, 16, false);
        try (Qcow2Image image = open(s, null)) {
            byte[] data = new byte[64 * 512];
            new Random(1).nextBytes(data);
            write(image, 0, data);
            image.flush();
            s.quota = s.size() + 10 * 4096;
            int failed = 0;
            for (int at = 512; at < 2048; at += 64) {
                Raw.put(area.address(), data, 0, data.length);
                try {
                    image.write(at, area.address(), data.length);
                    System.arraycopy(data, 0, model, at * 512, data.length);
                } catch (IOException full) {
                    assertThat(full).hasMessageContaining("No space");
                    failed++;
                }
            }
            assertThat(failed).isPositive();
            compare(image, 0, 64);
            s.quota = Long.MAX_VALUE;
            // room again: it goes on
            write(image, 3000, data);
            image.flush();
            compare(image, 0, 512);
            compare(image, 3000, 64);
        }
        clean(s);
    }

    @Test void discardedClustersAreFreeAndUsedAgain() throws IOException {
        MemoryStore s = make(3, 4096, 16, false);
        try (Qcow2Image image = open(s, null)) {
            byte[] data = new byte[1024 * 512];
            Arrays.fill(data, (byte) 7);
            write(image, 0, data);
            image.flush();
            long full = s.size();
            image.discard(0, 1024);
            Arrays.fill(model, 0, data.length, (byte) 0);
            compare(image, 0, 1024);
            image.flush();
            write(image, 2048, data);
            image.flush();
            assertThat(s.size()).isLessThanOrEqualTo(full + 8192);
        }
        clean(s);
    }

    @Test void compressedClustersAreReadAndWrittenOver() throws IOException {
        MemoryStore s = make(3, 4096, 16, false);
        byte[] plain = new byte[4096];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) (i / 100);
        }
        Deflater d = new Deflater(9, true);
        d.setInput(plain);
        d.finish();
        byte[] packed = new byte[4096];
        int n = d.deflate(packed);
        d.end();
        try (Qcow2Image image = open(s, null)) {
            byte[] one = new byte[512];
            write(image, 8, one);
        }
        // cluster 2 of the disk: packed data 100 bytes into a new cluster of the file
        Header h = new Header(s);
        Metadata m = new Metadata(12);
        Refcounts counts = new Refcounts(h, m);
        long host = counts.allocate(1);
        counts.writeBlocks();
        s.write(host, ByteBuffer.wrap(new byte[4096]));
        s.write(host + 100, ByteBuffer.wrap(packed, 0, n));
        Mapping map = new Mapping(h, m);
        long sectors = (100 + n - 1) / 512;
        map.set(2, Mapping.COMPRESSED | sectors << 62 - 4 | host + 100, counts);
        map.write();
        System.arraycopy(plain, 0, model, 2 * 4096, 4096);
        clean(s);
        try (Qcow2Image image = open(s, null)) {
            compare(image, 0, 64);
            write(image, 17, new byte[512]);
            compare(image, 0, 64);
        }
        clean(s);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void aDiskGrowsAndShrinks(int clusterSize) throws IOException {
        MemoryStore s = make(3, clusterSize, 16, false);
        try (Qcow2Image image = open(s, null)) {
            work(image, new Random(3), 100, false);
            image.resize(SECTORS * 512L * 40);
            assertThat(image.sectors()).isEqualTo(SECTORS * 40L);
            compare(image, 0, SECTORS);
            write2(image, SECTORS * 39L);
        }
        clean(s);
        try (Qcow2Image image = open(s, null)) {
            image.resize(SECTORS * 256L);
            Arrays.fill(model, SECTORS * 256, model.length, (byte) 0);
            image.resize(SECTORS * 512L);
            compare(image, 0, SECTORS);
        }
        clean(s);
    }

    private void write2(Qcow2Image image, long at) throws IOException {
        Raw.fill(area.address(), 4096, 9);
        image.write(at, area.address(), 4096);
        Raw.zero(area.address(), 4096);
        image.read(at, area.address(), 4096);
        assertThat(Raw.get8(area.address() + 4095)).isEqualTo(9);
    }

    @Test void aDirtyImageIsMendedWhenItIsOpenedForWriting() throws IOException {
        MemoryStore s = make(3, 4096, 16, false);
        try (Qcow2Image image = open(s, null)) {
            work(image, new Random(4), 50, false);
        }
        // a writer with lazy refcounts died: counts are behind, the bit says so
        Header h = new Header(s);
        ByteBuffer table = ByteBuffer.allocate(8);
        s.read(h.tableOffset, table);
        s.write(table.getLong(0), ByteBuffer.wrap(new byte[4096]));
        h.incompatible(Header.DIRTY);
        assertThat(Checker.check(s, Checker.Repair.NOTHING).errors()).isPositive();
        try (Qcow2Image image = open(s, null)) {
            compare(image, 0, SECTORS);
            work(image, new Random(5), 50, true);
        }
        clean(s);
        assertThat(new Header(s).dirty()).isFalse();
    }

    @Test void dataIsNeverWrittenWhereTablesAre() throws IOException {
        MemoryStore s = make(3, 4096, 16, false);
        try (Qcow2Image image = open(s, null)) {
            write(image, 0, new byte[8192]);
        }
        Header h = new Header(s);
        ByteBuffer b = ByteBuffer.allocate(8);
        s.read(h.l1Offset, b);
        long l2 = b.getLong(0) & Mapping.OFFSET;
        // the first cluster of the disk says it lies where the refcount table is
        s.write(l2, ByteBuffer.allocate(8).putLong(h.tableOffset | Mapping.COPIED).flip());
        byte[] before = s.bytes().clone();
        try (Qcow2Image image = open(s, null)) {
            assertThatThrownBy(() -> image.write(0, area.address(), 512)).isInstanceOf(ImageException.class).hasMessageContaining("where tables are")
                    .hasMessageContaining("memory.qcow2").hasMessageContaining("image check");
            assertThatThrownBy(() -> image.write(100, area.address(), 512)).isInstanceOf(ImageException.class);
        }
        assertThat(Arrays.mismatch(before, s.bytes())).as("only the corrupt mark may change").isIn(-1, 79);
        assertThatThrownBy(() -> open(s, null)).hasMessageContaining("corrupt");
    }

    @ParameterizedTest
    @CsvSource({"32, 1, encrypted (AES)", "32, 2, LUKS", "20, 3, cluster size", "4, 4, version 4", "0, 7, no qcow2 image", "36, 0, L1 table of 0 entries",
        "56, 0, refcount table", "96, 7, refcounts of", "76, 16, extended L2", "76, 4, external data file", "76, 64, feature 6", "60, 2, internal snapshots"})
    void whatIsNotSupportedOrMakesNoSenseIsRefusedByName(int field, int value, String word) throws IOException {
        MemoryStore s = make(3, 4096, 16, false);
        s.write(field, ByteBuffer.allocate(4).putInt(value).flip());
        assertThatThrownBy(() -> open(s, null)).isInstanceOf(ImageException.class).hasMessageContaining(word).hasMessageStartingWith("memory.qcow2: ").hasMessageContaining("; ");
    }

    @Test void anImageThatWasCutIsRefused() throws IOException {
        MemoryStore s = make(3, 4096, 16, false);
        MemoryStore cut = new MemoryStore();
        cut.write(0, ByteBuffer.wrap(s.bytes(), 0, 4096));
        assertThatThrownBy(() -> open(cut, null)).hasMessageContaining("the file was cut");
    }

    @Test void aBackingFileWhoseFormatIsNotSaidIsNotGuessed() throws IOException {
        MemoryStore s = new MemoryStore();
        Qcow2Files.create(s, new Qcow2Files.Options(1 << 20, 3, 4096, 16, false, "base.img", null));
        assertThatThrownBy(() -> open(s, null)).hasMessageContaining("rebase -F");
        Qcow2Files.rebase(s, null, "raw");
        String[] asked = new String[2];
        Qcow2Files.open(s, false, (n, f) -> {
            asked[0] = n;
            asked[1] = f;
            return null;
        }).close();
        assertThat(asked).containsExactly("base.img", "raw");
    }

    @Test void damagedImagesGiveErrorsThatHelpAndNothingElse() {
        Fuzz.Result r = Fuzz.run(1, 6, 1500);
        assertThat(r.wrong()).as("%s", r).isZero();
        assertThat(r.refused()).isPositive();
        assertThat(r.failed()).isPositive();
    }

    /** The fuzzer found it: a snapshot table at -1. */
    @Test void aSnapshotTableOutsideOfTheFileIsToldByTheCheck() {
        Fuzz.Result r = Fuzz.run(10564, 10, 1);
        assertThat(r.wrong()).as("%s", r).isZero();
    }
}
