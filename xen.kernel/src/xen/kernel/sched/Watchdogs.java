package xen.kernel.sched;

import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.time.Timeline;
import xen.kernel.core.DomainImpl;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;
import xen.kernel.save.Timers;

/** A domain's two watchdog timers (SCHEDOP_watchdog): one that runs out ends the domain with reason WATCHDOG. Under the core's lock. */
public final class Watchdogs {
    private static final int COUNT = 2;
    private static final long GIGA = 1_000_000_000L;

    private final DomainImpl d;
    private final Timeline.Cancellable[] timer = new Timeline.Cancellable[COUNT];
    private final long[] length = new long[COUNT];

    public Watchdogs(DomainImpl d) { this.d = d; }

    /**
     * @param id 0 = a new one, else the one to arm again or, with a timeout of 0, to stop
     * @return the new one's id, 0, or -errno
     */
    long set(long id, long seconds) {
        if (id > COUNT || id == 0 && seconds == 0) {
            return -Errno.EINVAL;
        }
        if (id == 0) {
            for (int i = 0; i < COUNT; i++) {
                if (timer[i] == null) {
                    arm(i, seconds);
                    return i + 1;
                }
            }
            return -Errno.ENOSPC;
        }
        int i = (int) id - 1;
        if (timer[i] == null) {
            return -Errno.EINVAL;
        }
        timer[i].cancel();
        timer[i] = null;
        if (seconds != 0) {
            arm(i, seconds);
        }
        return 0;
    }

    private void arm(int i, long seconds) { arm(i, seconds, d.core.clock.now() + seconds * GIGA); }

    private void arm(int i, long seconds, long at) {
        var mine = new Timeline.Cancellable[1];
        mine[0] = d.core.timeline.at(at, () -> expired(i, seconds, mine));
        timer[i] = mine[0];
        length[i] = seconds;
    }

    private void expired(int i, long seconds, Timeline.Cancellable[] mine) {
        d.core.lock.lock();
        try {
            if (timer[i] != mine[0]) {
                return;
            }
            timer[i] = null;
            if (d.live()) {
                d.core.life.shutdown(d, ShutdownReason.WATCHDOG);
            } else if (d.state() == DomainState.PAUSED) {
                // a paused guest cannot feed it
                arm(i, seconds);
            }
        } finally {
            d.core.lock.unlock();
        }
    }

    /** The domain goes. */
    public void dispose() {
        for (int i = 0; i < COUNT; i++) {
            if (timer[i] != null) {
                timer[i].cancel();
                timer[i] = null;
            }
        }
    }

    // Saving

    public void capture(StateWriter w) {
        w.part("watchdogs");
        for (int i = 0; i < COUNT; i++) {
            w.i64(timer[i] == null ? 0 : length[i]);
            Timers.capture(w, timer[i]);
        }
    }

    public void restore(StateReader r, Timers timers) {
        r.part("watchdogs");
        for (int i = 0; i < COUNT; i++) {
            int id = i;
            long seconds = r.i64("watchdog", 0, 1L << 32);
            timers.restore(r, at -> arm(id, seconds, at));
        }
    }
}
