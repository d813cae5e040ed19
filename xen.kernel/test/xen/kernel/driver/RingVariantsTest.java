package xen.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.BlockGrant;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.BlockRequest;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.Vbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;
import xen.kernel.api.hw.Raw;

/** Each shape that a front end may give its rings: pages of a ring, queues, grants kept, segments in a page of their own; and discards. */
class RingVariantsTest {
    private static final int SECTORS = 4096, PAGES = 20, BATCHES = 60;

    /** A disk in memory that can discard. */
    private static final class Disk implements BlockBacking {
        final byte[] bytes = new byte[SECTORS * 512];
        final int sectorSize;
        /** Bytes that reads and writes moved; sectors discarded. */
        long moved, discarded;

        Disk(int sectorSize) { this.sectorSize = sectorSize; }

        @Override public long sectors() { return SECTORS; }
        @Override public int sectorSize() { return sectorSize; }
        @Override public boolean readOnly() { return false; }
        @Override public boolean discards() { return true; }
        @Override public void flush() {}
        @Override public void close() {}

        @Override public void read(long sector, long address, int n) {
            Raw.put(address, bytes, (int) sector << 9, n);
            moved += n;
        }

        @Override public void write(long sector, long address, int n) {
            Raw.get(address, bytes, (int) sector << 9, n);
            moved += n;
        }

        @Override public void discard(long sector, long count) {
            Arrays.fill(bytes, (int) sector << 9, (int) (sector + count) << 9, (byte) 0);
            discarded += count;
        }
    }

    /** Maps all pages of a request, or each by itself and keeps it when the front end does. */
    private static final class Driver implements BlockBackend {
        private final BlockDomain domain;
        private final BlockGrant[] kept = new BlockGrant[512];

        Driver(BlockDomain domain) { this.domain = domain; }

        @Override public void attach(Vbd v) { Arrays.fill(kept, null); }
        @Override public void detach(Vbd v) {}

        @Override public void request(BlockRequest r) {
            boolean wrong = r.malformed() || r.sector() < 0 || r.sectors() < 0 || r.op() != BlockOp.FLUSH && r.sector() + r.sectors() > r.vbd().sectors();
            int unit = r.vbd().sectorSize() >> 9;
            if (wrong || (r.sector() | r.sectors()) % unit != 0) {
                domain.complete(r, BlockDomain.ERROR);
                return;
            }
            for (int i = 0; r.vbd().persistent() && r.op().transfers() && i < r.segments(); i++) {
                BlockGrant g = kept[r.ref(i)];
                if (g == null) {
                    g = domain.map(r, i);
                    kept[r.ref(i)] = g;
                }
                r.bind(i, g);
            }
            if (!r.vbd().persistent() && r.op().transfers() && !domain.map(r)) {
                domain.complete(r, BlockDomain.ERROR);
                return;
            }
            domain.submit(r);
        }

        @Override public void completed(BlockRequest r) {
            domain.complete(r, r.failed() ? BlockDomain.ERROR : BlockDomain.OK);
        }
    }

    /** A machine with one disk and some rings. */
    private static final class Bed implements AutoCloseable {
        final SimHost host = new SimHost(400);
        final Disk disk;
        final BlockControl core;
        final ManagedVbd vbd;
        final List<RingFront> rings = new ArrayList<>();
        final int[] statuses = new int[1 << 16];

        Bed(int order, int queues, boolean persistent, int sectorSize) {
            disk = new Disk(sectorSize);
            BlockComponent component = new BlockComponent(null, null);
            component.addFormat((target, ro) -> disk, Map.of("xen.block.format", "memory"));
            core = component.open(host, (domain, kind) -> new Driver(domain));
            vbd = core.create(VbdConfig.simple(SimHost.DOMID, 51712, "memory", "", false, "none"));
            for (int q = 0; q < queues; q++) {
                rings.add(new RingFront(host, order, 3 + q));
            }
            vbd.connect(rings.stream().map(RingFront::config).toList(), persistent);
        }

        /** Until all rings together have answered that many. */
        void await(int count) {
            for (int got = 0; got < count;) {
                boolean more = host.step();
                for (RingFront r : rings) {
                    got += r.answers((id, op, status) -> statuses[(int) id] = status == 0 ? 1 : status);
                }
                assertThat(more || got >= count).as("nothing more happens after %d of %d answers", got, count).isTrue();
            }
        }

        @Override public void close() {
            vbd.close();
            rings.forEach(RingFront::close);
            host.close();
        }
    }

    @ParameterizedTest(name = "ring of 2^{0} pages, {1} queues, grants kept: {2}, indirect: {3}, sectors of {4}")
    @CsvSource({"0,1,false,false,512", "2,1,false,false,512", "4,1,true,false,512", "0,1,false,true,512", "2,1,true,true,512", "0,4,false,false,512", "1,4,true,true,512", "1,2,false,true,4096"})
    void whatWasWrittenIsReadOverAnyShapeOfRing(int order, int queues, boolean persistent, boolean indirect, int sectorSize) {
        try (Bed b = new Bed(order, queues, persistent, sectorSize)) {
            Random random = new Random(order * 31 + queues);
            int[] pages = new int[PAGES];
            Arrays.setAll(pages, i -> b.host.page());
            int table = b.host.page();
            int most = indirect ? PAGES : 11;
            byte[] expected = new byte[SECTORS * 512];
            int id = 0;
            long highest = 0;
            for (int n = 0; n < BATCHES; n++) {
                RingFront ring = b.rings.get(n % queues);
                int count = 1 + random.nextInt(most), sector = random.nextInt((SECTORS >> 3) - count) << 3;
                byte[] data = new byte[count * 4096];
                random.nextBytes(data);
                int[] used = Arrays.copyOf(pages, count);
                highest = Math.max(highest, count);
                for (int i = 0; i < count; i++) {
                    Raw.put(b.host.address(used[i]), data, i * 4096, 4096);
                }
                transfer(b, ring, indirect, RingFront.WRITE, ++id, sector, table, used);
                System.arraycopy(data, 0, expected, sector << 9, data.length);
                for (int p : used) {
                    Raw.zero(b.host.address(p), 4096);
                }
                transfer(b, b.rings.get(random.nextInt(queues)), indirect, RingFront.READ, ++id, sector, table, used);
                byte[] back = new byte[data.length];
                for (int i = 0; i < count; i++) {
                    Raw.get(b.host.address(used[i]), back, i * 4096, 4096);
                }
                assertThat(back).as("batch %d", n).isEqualTo(data);
            }
            assertThat(b.disk.bytes).isEqualTo(expected);
            assertThat(b.vbd.counters().get("grants_mapped")).isEqualTo(persistent ? highest : 0L);
            assertThat(b.core.driver()).containsEntry("failures", "0");
            b.vbd.close();
            assertThat(b.host.mapped()).isZero();
        }
    }

    private static void transfer(Bed b, RingFront ring, boolean indirect, int operation, int id, int sector, int table, int[] pages) {
        if (indirect) {
            ring.indirect(operation, id, sector, table, pages);
        } else {
            ring.request(operation, id, sector, pages);
        }
        ring.push();
        b.await(1);
        assertThat(b.statuses[id]).as("request %d", id).isOne();
    }

    @Test void aWriteOnOneQueueIsSeenByAReadOfAnotherThatCameLater() {
        try (Bed b = new Bed(0, 4, false, 512)) {
            int from = b.host.page(), to = b.host.page();
            for (int n = 1; n <= 50; n++) {
                Raw.put64(b.host.address(from), n);
                b.rings.get(n % 4).request(RingFront.WRITE, 2 * n, 8, from);
                b.rings.get(n % 4).push();
                b.host.step();
                b.rings.get((n + 1) % 4).request(RingFront.READ, 2 * n + 1, 8, to);
                b.rings.get((n + 1) % 4).push();
                b.await(2);
                assertThat(Raw.get64(b.host.address(to))).isEqualTo(n);
            }
        }
    }

    @Test void aDiscardReachesTheDiskOnceInItsPlaceAmongWritesAndNotOutsideOfIt() {
        try (Bed b = new Bed(0, 1, false, 512)) {
            RingFront ring = b.rings.getFirst();
            int page = b.host.page(), back = b.host.page();
            Raw.fill(b.host.address(page), 4096, 7);
            ring.request(RingFront.WRITE, 1, 8, page);
            ring.request(RingFront.WRITE, 2, 16, page);
            discard(ring, 3, 8, 8);
            ring.request(RingFront.READ, 4, 8, back);
            discard(ring, 5, SECTORS - 8, 16);
            discard(ring, 6, 0, -1);
            ring.push();
            b.await(6);
            assertThat(b.disk.discarded).isEqualTo(8);
            assertThat(Raw.get64(b.host.address(back))).isZero();
            assertThat(b.disk.bytes[16 * 512]).isEqualTo((byte) 7);
            assertThat(Arrays.copyOfRange(b.statuses, 1, 7)).containsExactly(1, 1, 1, 1, BlockDomain.ERROR, BlockDomain.ERROR);
        }
    }

    private static void discard(RingFront ring, long id, long sector, long count) {
        long a = ring.slot();
        Raw.put8(a, RingFront.DISCARD);
        Raw.put64(a + 8, id);
        Raw.put64(a + 16, sector);
        Raw.put64(a + 24, count);
        ring.enqueue();
    }

    @Test void aPageThatWasNotGrantedIsAnErrorAndNoOtherPageOfTheRequestStaysMapped() {
        try (Bed b = new Bed(0, 1, false, 512)) {
            RingFront ring = b.rings.getFirst();
            int page = b.host.page(), denied = b.host.page();
            b.host.deny(denied, true);
            ring.request(RingFront.READ, 1, 0, page, denied);
            ring.request(RingFront.READ, 2, 0, page);
            ring.push();
            b.await(2);
            assertThat(b.statuses[1]).isEqualTo(BlockDomain.ERROR);
            assertThat(b.statuses[2]).isOne();
            assertThat(b.disk.moved).isEqualTo(4096);
            assertThat(b.host.mapped()).as("the ring's page alone").isOne();
        }
    }

    @Test void aPartOfASectorOf4096BytesIsAnErrorAndMovesNothing() {
        try (Bed b = new Bed(0, 1, false, 4096)) {
            RingFront ring = b.rings.getFirst();
            int page = b.host.page();
            ring.request(RingFront.WRITE, 1, 4, page);
            long a = ring.slot();
            Raw.put8(a, RingFront.WRITE);
            Raw.put8(a + 1, 1);
            Raw.put64(a + 8, 2);
            RingFront.segment(a + 24, page, 0, 3);
            ring.enqueue();
            ring.push();
            b.await(2);
            assertThat(b.statuses[1]).isEqualTo(BlockDomain.ERROR);
            assertThat(b.statuses[2]).isEqualTo(BlockDomain.ERROR);
            assertThat(b.disk.moved).isZero();
        }
    }

    /** A batch wakes threads, which may cost some bytes; a request costs none. */
    @ParameterizedTest(name = "grants are kept: {0}")
    @ValueSource(booleans = {true, false})
    void aRequestAllocatesNothing(boolean persistent) {
        try (Bed b = new Bed(1, 1, persistent, 512)) {
            RingFront ring = b.rings.getFirst();
            int[] page = {b.host.page()};
            var threads = (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
            long driver = Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("driver-blk-")).mapToLong(Thread::threadId).max().orElseThrow();
            long before = 0;
            int batch = 32, batches = 400;
            for (int n = 0; n < 2 * batches; n++) {
                if (n == batches) {
                    before = threads.getThreadAllocatedBytes(driver);
                }
                for (int i = 0; i < batch; i++) {
                    ring.request(RingFront.READ, i, 8L * i, page);
                }
                ring.push();
                b.await(batch);
            }
            double each = (double) (threads.getThreadAllocatedBytes(driver) - before) / (batches * batch);
            assertThat(each).as("bytes allocated a request on the driver's thread").isLessThan(8);
        }
    }
}
