package xen.kernel.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import xen.kernel.api.time.Timeline;

class TimelineTest {
    private final MachineClock clock = MachineClock.virtual(1_000_000_000L, 0);
    private final TimelineImpl timeline = new TimelineImpl(clock);
    private final List<String> ran = new ArrayList<>();

    private void runAll(long until) {
        for (Runnable r = timeline.poll(until); r != null; r = timeline.poll(until)) {
            r.run();
        }
    }

    @Test void actionsComeInTheOrderOfTimeThenSubmission() {
        timeline.at(20, () -> ran.add("c"));
        timeline.at(10, () -> ran.add("a"));
        timeline.at(10, () -> ran.add("b"));
        assertThat(timeline.nextAt()).isEqualTo(10);
        runAll(15);
        assertThat(ran).containsExactly("a", "b");
        assertThat(timeline.nextAt()).isEqualTo(20);
        runAll(20);
        assertThat(ran).containsExactly("a", "b", "c");
        assertThat(timeline.nextAt()).isEqualTo(TimelineImpl.NEVER);
    }

    @Test void aCancelledActionNeverRunsAndCancellingAgainIsHarmless() {
        Timeline.Cancellable a = timeline.at(10, () -> ran.add("a"));
        Timeline.Cancellable b = timeline.at(20, () -> ran.add("b"));
        a.cancel();
        a.cancel();
        assertThat(timeline.nextAt()).isEqualTo(20);
        runAll(100);
        b.cancel();
        assertThat(ran).containsExactly("b");
        assertThat(timeline.size()).isZero();
    }

    @Test void whatIsPostedFromOutsideWaitsInTheInboxAndComesFirst() {
        timeline.at(0, () -> ran.add("due"));
        timeline.post(() -> ran.add("posted"));
        assertThat(timeline.posted()).isTrue();
        runAll(Long.MIN_VALUE);
        assertThat(ran).containsExactly("posted");
        assertThat(timeline.posted()).isFalse();
    }

    @Test void manyCancelledActionsDoNotPileUp() {
        Random r = new Random(2);
        List<Timeline.Cancellable> live = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            Timeline.Cancellable c = timeline.at(1_000_000 + r.nextInt(1000), () -> ran.add("x"));
            if (i % 100 == 0) {
                live.add(c);
            } else {
                c.cancel();
            }
        }
        assertThat(timeline.size()).isEqualTo(live.size());
        runAll(TimelineImpl.NEVER - 1);
        assertThat(ran).hasSize(live.size());
    }
}
