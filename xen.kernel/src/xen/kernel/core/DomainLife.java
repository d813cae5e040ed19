package xen.kernel.core;

import xen.kernel.api.control.DomainListener;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.trap.CrashReport;

/**
 * Changes of a domain's state, the legal ones of {@link DomainState}: by the guest (SCHEDOP_shutdown, a crash) on its pCPU's thread, by
 * the tool stack on any. All under the core's lock; listeners hear of it later, on the timeline.
 */
public final class DomainLife {
    /** Machine frames that are looked at under the lock at once: well under a millisecond. */
    private static final int PIECE = 8192;

    private final Core core;

    DomainLife(Core core) { this.core = core; }

    /** One more reason not to run. */
    public void pause(DomainImpl d) {
        d.pauses(d.pauses() + 1);
        if (d.state() == DomainState.RUNNING) {
            d.state(DomainState.PAUSED);
            refresh(d);
        }
    }

    /** One reason less; at none left the domain runs. */
    public void unpause(DomainImpl d) {
        if (d.pauses() == 0) {
            throw new HypervisorException(Errno.EINVAL, d + " is not paused");
        }
        if (d.state() == DomainState.BUILDING && !d.vcpu(0).traps.initialised()) {
            throw new HypervisorException(Errno.EINVAL, d + " has no start state yet: build and start it first");
        }
        d.pauses(d.pauses() - 1);
        if (d.pauses() == 0 && d.resumption != null) {
            Runnable resumption = d.resumption;
            d.resumption = null;
            resumption.run();
        } else if (d.pauses() == 0 && (d.state() == DomainState.BUILDING || d.state() == DomainState.PAUSED)) {
            d.state(DomainState.RUNNING);
            refresh(d);
        }
    }

    /** The domain ends what it does, for the given reason; later reasons are ignored. */
    public void shutdown(DomainImpl d, ShutdownReason reason) {
        if (d.state() == DomainState.SHUTDOWN || d.state() == DomainState.DYING) {
            return;
        }
        d.shutdownReason(reason);
        d.state(DomainState.SHUTDOWN);
        core.log.say(d + " (" + d.name() + ") shut down: " + reason);
        refresh(d);
        tell(l -> l.shutdown(d));
    }

    /** A fault that is the guest's own and that it cannot handle: report, then shutdown with reason CRASH. */
    public void crash(VcpuImpl v, String why) {
        DomainImpl d = v.domain;
        if (d.state() == DomainState.SHUTDOWN || d.state() == DomainState.DYING) {
            return;
        }
        String report = CrashReport.of(v, why);
        d.crashReport(report);
        core.log.say(report);
        shutdown(d, ShutdownReason.CRASH);
    }

    /**
     * Marks the domain as dying, takes it off its pCPUs and lets go of all it has but its frames: {@link #releaseMemory} follows. With all
     * pCPUs stopped. Nobody finds the domain any more.
     *
     * @return false when it is dying already
     */
    boolean destroy(DomainImpl d) {
        if (d.state() == DomainState.DYING) {
            return false;
        }
        d.state(DomainState.DYING);
        refresh(d);
        for (VcpuImpl v : d.vcpus()) {
            v.time.dispose();
            v.sched.dispose();
        }
        d.watchdogs.dispose();
        d.events.dispose();
        d.vcpus().forEach(v -> v.info.dispose());
        d.grants.releaseAll();
        d.memory.beginRelease();
        core.remove(d);
        return true;
    }

    /** The rest of {@link #destroy}: in pieces, while other domains run. The lock is not held. */
    void releaseMemory(DomainImpl d) {
        core.lock.lock();
        try {
            while (d.memory.releaseSome(PIECE)) {
                core.lock.passRound();
            }
        } finally {
            core.lock.unlock();
        }
        tell(l -> l.destroyed(d));
    }

    private static void refresh(DomainImpl d) { d.vcpus().forEach(v -> v.sched.refresh()); }

    private void tell(java.util.function.Consumer<DomainListener> message) {
        core.timeline.post(() -> core.listeners.forEach(message));
    }
}
