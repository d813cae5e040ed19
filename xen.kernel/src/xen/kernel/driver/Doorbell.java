package xen.kernel.driver;

import java.util.ArrayList;
import java.util.List;

/**
 * Front ends' notifications in real time. A notification is taken on the notifier's own thread and wakes the driver's thread, which looks
 * into the rings itself: nobody is woken in between. A ring that has been looked into is awake: its front end need not notify (req_event
 * stays behind) until the driver's thread is about to sleep. A driver that does not come by is found by the heartbeat.
 *
 * <p>Everything but {@link #ring} is under the block core's lock.
 */
final class Doorbell {
    private final BlockCore core;
    private final List<BlkRing> awake = new ArrayList<>();
    /** Some ring was notified, and when, by the host's clock. */
    private volatile boolean rung;
    private volatile long rungAt;

    Doorbell(BlockCore core) { this.core = core; }

    boolean rung() { return rung; }
    long rungAt() { return rungAt; }

    /** On the notifier's thread, who may hold the core's lock and not the block core's, which comes before: only flags. The ring's is set. */
    void ring() {
        if (!rung) {
            rungAt = System.nanoTime();
            rung = true;
        }
        DriverInstance i = core.supervisor.current();
        if (i != null) {
            i.wake();
        }
    }

    /** The driver's thread looks into the rings. @return true when there was something */
    boolean look() {
        if (rung) {
            rung = false;
            for (VbdImpl v : core.vbds) {
                for (BlkRing r : v.rings) {
                    if (r.wakes()) {
                        awake.add(r);
                    }
                }
            }
        }
        boolean any = false;
        for (int i = 0; i < awake.size(); i++) {
            any |= awake.get(i).take();
        }
        return any;
    }

    /** The driver's thread is about to sleep: front ends shall notify. @return false when something came before they knew */
    boolean sleep() {
        for (int i = awake.size() - 1; i >= 0; i--) {
            if (awake.get(i).sleep()) {
                awake.remove(i);
            }
        }
        return awake.isEmpty() && !rung;
    }
}
