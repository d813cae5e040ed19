package xen.bench.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import xen.bench.disk.LabClient.Behaviour;
import xen.kernel.api.block.ServiceClass;

/** {@code limit=}, which the core keeps for every scheduler; in virtual time. */
class DiskLimitTest {
    private static final long S = DiskRun.SECOND;
    private static final Behaviour SMALL = new Behaviour(ServiceClass.THROUGHPUT, 256, 4, 1, false, 0, 0, 0);
    private final DiskBed bed = new DiskBed();

    private DiskRun run(String disk, String scheduler, Behaviour... clients) {
        return new DiskRun(bed.cores, bed.driver, disk, scheduler, 1, List.of(clients));
    }

    @ParameterizedTest
    @CsvSource({"ssd, fifo", "ssd, rr", "ssd, clook", "ssd, sfq", "ssd, mclock", "ssd, cello", "hdd, cello", "hdd, clook", "ssd, cello-bytes"})
    void aDiskGetsNoMoreRequestsASecondThanItsLimitAndAllOfThoseUnderEveryScheduler(String disk, String scheduler) {
        try (DiskRun r = run(disk, scheduler, SMALL, SMALL)) {
            r.clients.getFirst().vbd.parameters(256, ServiceClass.THROUGHPUT, 0, 20);
            r.run(S, 10 * S);
            assertThat(r.clients.getFirst().answers()).isBetween(198, 201);
            assertThat(r.clients.getLast().answers()).isGreaterThan(400);
        }
    }

    @Test void limitsComeChangeAndGoLive() {
        try (DiskRun r = run("ssd", "cello", SMALL)) {
            r.run(S, S);
            assertThat(r.clients.getFirst().answers()).isGreaterThan(5000);
            r.clients.getFirst().vbd.parameters(256, ServiceClass.THROUGHPUT, 0, 1);
            r.run(S, 10 * S);
            assertThat(r.clients.getFirst().answers()).isBetween(9, 11);
            r.clients.getFirst().vbd.parameters(256, ServiceClass.THROUGHPUT, 0, 100);
            r.run(S, 10 * S);
            assertThat(r.clients.getFirst().answers()).isBetween(990, 1001);
            r.clients.getFirst().vbd.parameters(256, ServiceClass.THROUGHPUT, 0, 0);
            r.run(S, S);
            assertThat(r.clients.getFirst().answers()).isGreaterThan(5000);
        }
    }

    @Test void aLimitBelongsToADiskAndOutlivesItsScheduler() {
        try (DiskRun r = run("ssd", "mclock", SMALL)) {
            r.clients.getFirst().vbd.parameters(256, ServiceClass.THROUGHPUT, 0, 50);
            r.run(S, 2 * S);
            r.core.selectScheduler(null, "rr");
            r.run(0, 10 * S);
            assertThat(r.clients.getFirst().answers()).isBetween(498, 501);
        }
    }

    @Test void aDiskThatIsTakenAwayDoesNotWaitForItsLimit() {
        DiskRun r = run("ssd", "cello", SMALL, SMALL);
        r.clients.getFirst().vbd.parameters(256, ServiceClass.THROUGHPUT, 0, 1);
        r.run(S, S);
        r.clients.getFirst().vbd.close();
        assertThat(r.core.list()).hasSize(1);
        assertThat(r.core.diskCounters().get("ssd").get("waiting")).isLessThanOrEqualTo(4);
        r.run(0, S);
        assertThat(r.clients.getLast().answers()).isGreaterThan(5000);
        r.clients.getLast().vbd.close();
        r.host.close();
    }
}
