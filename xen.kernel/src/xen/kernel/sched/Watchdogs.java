package xen.kernel.sched;

import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.time.Timeline;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;

/** A domain's two watchdog timers (SCHEDOP_watchdog): one that runs out ends the domain with reason WATCHDOG. Under the core's lock. */
public final class Watchdogs {
    private static final int COUNT = 2;
    private static final long GIGA = 1_000_000_000L;

    private final DomainImpl d;
    private final Timeline.Cancellable[] timer = new Timeline.Cancellable[COUNT];

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

    private void arm(int i, long seconds) {
        Core core = d.core;
        var mine = new Timeline.Cancellable[1];
        mine[0] = core.timeline.at(core.clock.now() + seconds * GIGA, () -> expired(i, seconds, mine));
        timer[i] = mine[0];
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
}
