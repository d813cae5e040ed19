package xen.disk.cello;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.ServiceClass;

/** Level 2 of Cello. */
class ScheduledTest {
    private record Client(int id, ServiceClass serviceClass) implements DiskClient {
        @Override public String name() { return serviceClass + " " + id; }
        @Override public int weight() { return 256; }
        @Override public long deadlineNanos() { return 0; }
    }

    @Property(tries = 500) void noInsertionMakesAQueuedRealTimeRequestLateThatWasNotLateBefore(@ForAll long seed) {
        Random random = new Random(seed);
        Scheduled queue = new Scheduled();
        long now = 0;
        for (int i = 0; i < 60; i++) {
            Map<DiskRequest, Boolean> inTime = inTime(queue, now);
            DiskRequest r = new DiskRequest();
            r.client = new Client(i, random.nextBoolean() ? ServiceClass.REALTIME : ServiceClass.INTERACTIVE);
            r.lba = random.nextInt(1000);
            r.estimate = 1 + random.nextInt(20);
            r.place = r.client.serviceClass() == ServiceClass.REALTIME ? ServiceClass.REALTIME : ServiceClass.INTERACTIVE;
            r.key = now + random.nextInt(300);
            queue.insert(r, now);
            Map<DiskRequest, Boolean> after = inTime(queue, now);
            // among themselves real-time requests go by deadline: an earlier one may push a later one
            if (r.client.serviceClass() != ServiceClass.REALTIME) {
                inTime.forEach((o, was) -> assertThat(!was || after.get(o)).as("%s is late because of %s", o.client.name(), r.client.name()).isTrue());
            }
            if (random.nextInt(3) == 0) {
                DiskRequest done = queue.poll(new Still(), now, 0);
                now += done.estimate;
            }
        }
    }

    private static DiskRequest request(ServiceClass c, long estimate, long deadline) {
        DiskRequest r = new DiskRequest();
        r.client = new Client(1, c);
        r.place = c;
        r.estimate = estimate;
        r.key = deadline;
        return r;
    }

    @Test void aRealTimeRequestThatCannotWaitForTheInteractiveOneBeforeItGoesFirst() {
        Scheduled queue = new Scheduled();
        DiskRequest film = request(ServiceClass.REALTIME, 10, 50), click = request(ServiceClass.INTERACTIVE, 15, 0);
        queue.insert(film, 0);
        queue.insert(click, 0);
        assertThat(queue.peek()).isSameAs(click);
        // the disk was busy until 20 with something that came before both: after the interactive one a way of 20 would be too late
        assertThat(queue.poll(new Still(), 20, 20)).isSameAs(film);
        assertThat(queue.poll(new Still(), 30, 20)).isSameAs(click);
    }

    @Test void realTimeRequestsWaitForWhatLeavesThemTimeForTheLongestWay() {
        Scheduled queue = new Scheduled();
        queue.insert(request(ServiceClass.REALTIME, 10, 50), 0);
        // a sixteenth more than the longest that was seen
        assertThat(queue.canWait(33, 16)).isTrue();
        assertThat(queue.canWait(34, 16)).isFalse();
        queue.insert(request(ServiceClass.REALTIME, 10, 55), 0);
        assertThat(queue.canWait(33, 16)).as("the second follows the first").isFalse();
        assertThat(queue.canWait(28, 16)).isTrue();
    }

    @Test void theLongestRequestIsForgottenAfterTwoPeriods() {
        Longest longest = new Longest();
        longest.took(0, 20);
        longest.took(Longest.PERIOD / 2, 5);
        assertThat(longest.nanos()).isEqualTo(20);
        longest.took(Longest.PERIOD, 6);
        assertThat(longest.nanos()).isEqualTo(20);
        longest.took(2 * Longest.PERIOD, 7);
        assertThat(longest.nanos()).isEqualTo(7);
    }

    /** A disk whose requests take what was estimated once. */
    private record Still() implements DiskHost {
        @Override public long now() { return 0; }
        @Override public int outstanding() { return 0; }
        @Override public long estimate(DiskRequest r) { return r.estimate; }
        @Override public void wakeAt(long nanos) {}
    }

    /** Of each real-time request in the queue: will it be done by its deadline? */
    private static Map<DiskRequest, Boolean> inTime(Scheduled queue, long now) {
        Map<DiskRequest, Boolean> result = new IdentityHashMap<>();
        long finish = now;
        for (int i = 0; i < queue.size(); i++) {
            DiskRequest r = queue.get(i);
            finish += r.estimate;
            if (r.client.serviceClass() == ServiceClass.REALTIME) {
                result.put(r, finish <= r.key);
            }
        }
        return result;
    }
}
