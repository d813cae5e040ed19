package xen.kernel.driver;

/** Looks at the driver in charge while requests are under way: is one forgotten, does a call come back, is it well. On the timeline. */
final class Heartbeat {
    private static final long PERIOD = 20_000_000L;

    private final BlockCore core;
    private final Supervisor supervisor;
    private boolean beating;

    Heartbeat(BlockCore core, Supervisor supervisor) {
        this.core = core;
        this.supervisor = supervisor;
    }

    /** Work came. */
    void watch() {
        if (!beating) {
            beating = true;
            supervisor.at(core.host.timeline().now() + PERIOD, this::beat);
        }
    }

    void stop() { beating = false; }

    private void beat() {
        beating = false;
        DriverInstance i = supervisor.current();
        if (core.journalled == 0 && (i == null || i.rests()) || !core.on()) {
            return;
        }
        watch();
        if (i == null || i.lost()) {
            return;
        }
        long now = core.host.timeline().now();
        if (!core.host.virtual() && i.watchdog.hangs()) {
            supervisor.stuck(i, now - i.watchdog.lasted());
            return;
        }
        i.askAlive();
        long limit = now - Supervisor.STUCK;
        for (JournalEntry e : core.underWay()) {
            if (e.shownAt < limit && (e.state == JournalEntry.State.TAKEN || e.state == JournalEntry.State.DONE) && !i.serves(e)) {
                supervisor.fail(i, "does nothing with " + e);
                return;
            }
        }
    }
}
