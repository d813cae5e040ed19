package xen.bench.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import xen.bench.disk.LabClient.Behaviour;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.SimHost;
import xen.kernel.api.control.HypervisorException;

/** What Cello promises, on the models of a disk and an SSD in virtual time: exact figures. */
class DiskQosTest {
    private static final long S = DiskRun.SECOND;
    private final DiskBed bed = new DiskBed();

    private DiskRun run(String disk, String scheduler, long seconds, List<Behaviour> clients) {
        return run(disk, scheduler, 1, seconds, clients);
    }

    private DiskRun run(String disk, String scheduler, long seed, long seconds, List<Behaviour> clients) {
        return new DiskRun(bed.cores, bed.driver, disk, scheduler, seed, clients).run(S, seconds * S);
    }

    private long p99(String disk, long seed, long seconds, int hostile) {
        try (DiskRun r = run(disk, "cello", seed, seconds, DiskRun.crowd(Behaviour.INTERACTIVE, Behaviour.HOSTILE, hostile))) {
            return r.clients.getFirst().percentile(0.99);
        }
    }

    @ParameterizedTest
    @CsvSource({"ssd, 1, 10, 2", "hdd, 1, 60, 2.85", "hdd, 3, 60, 2.85", "hdd, 4, 60, 2.85"})
    void sixteenHostileNeighboursDelayAnInteractiveClientByASmallFactor(String disk, long seed, long seconds, double factor) {
        assertThat((double) p99(disk, seed, seconds, 16)).isLessThanOrEqualTo(factor * p99(disk, seed, seconds, 0));
    }

    private long bytes(String disk, String scheduler, List<Behaviour> clients) {
        try (DiskRun r = run(disk, scheduler, 20, clients)) {
            return r.bytes();
        }
    }

    @ParameterizedTest
    @CsvSource({"ssd, 0.99", "hdd, 1.0"})
    void sixteenStreamsGetAsMuchAsFromTheElevator(String disk, double part) {
        List<Behaviour> streams = DiskRun.crowd(Behaviour.HOSTILE, Behaviour.HOSTILE, 15);
        assertThat(bytes(disk, "cello", streams)).isGreaterThanOrEqualTo((long) (part * bytes(disk, "clook", streams)));
    }

    @ParameterizedTest
    @CsvSource({"ssd, 0.99", "hdd, 0.95"})
    void theShortAnswersOfAnInteractiveClientCostTheStreamsLittle(String disk, double part) {
        List<Behaviour> crowd = DiskRun.crowd(Behaviour.INTERACTIVE, Behaviour.HOSTILE, 16);
        assertThat(bytes(disk, "cello", crowd)).isGreaterThanOrEqualTo((long) (part * bytes(disk, "clook", crowd)));
    }

    @ParameterizedTest
    @CsvSource({"ssd, cello", "hdd, cello", "ssd, cello-bytes", "hdd, cello-bytes"})
    void sharesOfTenSecondsAreRightWithinTwoPercent(String disk, String scheduler) {
        List<Behaviour> four = new ArrayList<>();
        for (int w : new int[] {64, 128, 256, 512}) {
            four.add(new Behaviour(ServiceClass.THROUGHPUT, w, 8, 10, true, 0, 0, 0));
        }
        try (DiskRun r = run(disk, scheduler, 0, four)) {
            long[] before = r.service();
            r.run(0, 10 * S);
            double time = 0, all = r.bytes();
            for (int i = 0; i < 4; i++) {
                time += r.service()[i] - before[i];
            }
            for (int i = 0; i < 4; i++) {
                double share = scheduler.endsWith("bytes") ? r.clients.get(i).bytes / all : (r.service()[i] - before[i]) / time;
                assertThat(share * 15 / (1 << i)).isBetween(0.98, 1.02);
            }
        }
    }

    /** A visit with its way is 1.9 % of such a share, so two percent is not kept for every seed. */
    @Test void sixteenEqualStreamsHaveEqualShares() {
        List<Behaviour> equal = DiskRun.crowd(Behaviour.HOSTILE, Behaviour.HOSTILE, 15);
        for (long seed = 1; seed <= 4; seed++) {
            try (DiskRun r = run("hdd", "cello", seed, 10, equal)) {
                long[] service = r.service();
                double mean = Arrays.stream(service).average().orElseThrow();
                assertThat(Arrays.stream(service).mapToObj(t -> t / mean)).as("seed %d", seed).allMatch(share -> share > 0.97 && share < 1.03);
            }
        }
    }

    @Test void whatSomeDoNotWantGoesToTheOthers() {
        double two = bytes("ssd", "cello", List.of(Behaviour.HOSTILE, Behaviour.HOSTILE));
        double one = bytes("ssd", "cello", List.of(Behaviour.HOSTILE, Behaviour.INTERACTIVE.weight(60_000)));
        assertThat(one / two).isBetween(0.98, 1.02);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssd", "hdd"})
    void anAdmittedRealTimeClientMissesNoDeadlineAmongSixteenStreamsAndAnInteractiveClient(String disk) {
        List<Behaviour> all = DiskRun.crowd(Behaviour.FILM, Behaviour.HOSTILE, 16);
        all.add(Behaviour.INTERACTIVE);
        long seconds = disk.equals("hdd") ? 100 : 10;
        try (DiskRun r = run(disk, "cello", seconds, all)) {
            assertThat(r.clients.getFirst().missed).isZero();
            assertThat(r.clients.getFirst().answers()).isGreaterThan((int) (seconds * 49));
            // real time leaves a quarter and more: nobody starves for it
            assertThat(r.clients.getLast().percentile(0.99)).isLessThan(S / 4);
        }
    }

    @Test void aReservationThatDoesNotFitIsRefusedWithWhatWould() {
        try (SimHost host = new SimHost(16)) {
            var core = bed.cores.open(host, bed.driver);
            core.selectScheduler(null, "cello");
            VbdConfig film = new VbdConfig(1, 51712, "null", "100000", false, "hdd", 256, ServiceClass.REALTIME, 50_000_000, 40, 0);
            var first = core.create(film);
            assertThatThrownBy(() -> core.create(film)).isInstanceOf(HypervisorException.class).hasMessageContaining("real time is full")
                    .hasMessageContaining("ask for at most");
            assertThat(core.list()).hasSize(1);
            var plain = core.create(VbdConfig.simple(1, 51728, "null", "100000", false, "hdd"));
            plain.parameters(256, ServiceClass.THROUGHPUT);
            assertThatThrownBy(() -> plain.parameters(256, ServiceClass.REALTIME, 40, 0)).hasMessageContaining("real time is full");
            assertThat(plain.reservation()).isZero();
            plain.parameters(256, ServiceClass.REALTIME, 2, 100);
            assertThat(plain.reservation()).isEqualTo(2);
            plain.parameters(256, ServiceClass.THROUGHPUT, 0, 0);
            first.close();
            core.create(film).close();
            plain.close();
        }
    }

    @Test void theSameSeedGivesTheSameRun() {
        List<Behaviour> crowd = DiskRun.crowd(Behaviour.INTERACTIVE, Behaviour.HOSTILE, 3);
        assertThat(bytes("hdd", "cello", crowd)).isEqualTo(bytes("hdd", "cello", crowd));
    }

    @Test void aDriverWithAThreadOfItsOwnGivesTheSameRun() {
        List<Behaviour> crowd = DiskRun.crowd(Behaviour.INTERACTIVE, Behaviour.HOSTILE, 3);
        try (DiskRun r = new DiskRun(new SimHost(1000), bed.cores, bed.driver, "hdd", "cello", 1, crowd).run(S, 3 * S);
                DiskRun here = run("hdd", "cello", 3, crowd)) {
            assertThat(r.clients).extracting(c -> c.bytes).containsExactlyElementsOf(here.clients.stream().map(c -> c.bytes).toList());
            assertThat(r.clients.getFirst().percentile(0.5)).isEqualTo(here.clients.getFirst().percentile(0.5));
        }
    }
}
