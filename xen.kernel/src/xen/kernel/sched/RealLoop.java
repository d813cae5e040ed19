package xen.kernel.sched;

import java.util.concurrent.locks.LockSupport;
import xen.kernel.time.TimelineImpl;

/** Real time: {@link #drive} is the body of one thread a pCPU, {@link #driveTimeline} of the thread that runs the timeline's actions. */
final class RealLoop {
    /** Instructions between two looks at the clock: a slice ends this late at most. */
    private static final long BUDGET = 200_000;

    private final Dispatcher d;

    RealLoop(Dispatcher d) { this.d = d; }

    void drive(Pcpu p) {
        try {
            while (!d.stopping) {
                boolean ask = p.current == null || p.resched || d.clock.now() >= p.sliceEnd;
                if (!ask || d.choose(p)) {
                    d.runs.once(p, BUDGET);
                } else {
                    while (!p.resched && !d.stopping) {
                        LockSupport.park(this);
                    }
                }
            }
        } finally {
            d.release(p);
        }
    }

    void driveTimeline() {
        TimelineImpl timeline = d.core.timeline;
        while (!d.stopping) {
            Runnable r = timeline.poll(d.clock.now());
            if (r != null) {
                d.act(r);
                continue;
            }
            long next = timeline.nextAt();
            d.sleep(next == TimelineImpl.NEVER ? next : Math.max(1, next - d.clock.now()));
        }
    }
}
