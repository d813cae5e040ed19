package xen.bench.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;

/**
 * Talks with guests in virtual time: everything is done by timeline actions at machine times, nothing by a host thread, so that a campaign
 * is the same on every run. The command's thread only waits.
 */
final class GuestTalk {
    private static final long MS = Setup.MS, START = MS, POLL = 10 * MS;
    /** Machine time after which a boot or a round has failed. */
    private static final long LIMIT = 60_000 * MS;

    final Hypervisor hypervisor;
    final List<LabGuest> guests = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile String failure;

    GuestTalk(Hypervisor hypervisor) { this.hypervisor = hypervisor; }

    /** Builds one more, paused; the machine is on. */
    LabGuest add(DomainManager manager, DomainSpec spec) {
        LabGuest g = new LabGuest(manager.create(spec, true));
        g.domain.attach(b -> g.heard(b, now()));
        guests.add(g);
        return g;
    }

    /** Boots all; goes on when each has printed a line that begins so. Returns when {@link #over} was called. */
    void run(String ready, Runnable then) throws InterruptedException {
        at(START, () -> {
            guests.forEach(g -> hypervisor.unpause(g.domain.domid()));
            await("boot", guests, ready, then);
        });
        over.await();
        if (failure != null) {
            throw new CommandFailure(CliCommand.FAILED, failure);
        }
    }

    void over() { over.countDown(); }

    long now() { return hypervisor.timeline().now(); }

    /** A failure in a step ends the campaign. */
    void at(long time, Runnable step) {
        hypervisor.timeline().at(time, () -> {
            try {
                step.run();
            } catch (RuntimeException e) {
                fail(e.toString());
            }
        });
    }

    private void fail(String why) {
        failure = why;
        over.countDown();
    }

    /** Goes on when all of them have printed a line that begins so. */
    void await(String what, List<LabGuest> whom, String begin, Runnable then) { await(what, whom, begin, now() + LIMIT, then); }

    private void await(String what, List<LabGuest> whom, String begin, long limit, Runnable then) {
        for (LabGuest g : whom) {
            if (g.line(begin) == null) {
                if (now() > limit || g.domain.ended().isDone()) {
                    fail("a guest did not come to the end of its " + what + ": ..." + g.last());
                } else {
                    at(now() + POLL, () -> await(what, whom, begin, limit, then));
                }
                return;
            }
        }
        then.run();
    }
}
