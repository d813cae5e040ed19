package xen.kernel.sched;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.control.CostModel;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Topology;
import xen.kernel.core.Core;
import xen.kernel.core.CoreLock;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.time.MachineClock;

/**
 * A piece of guest code on a pCPU: what waited for the vCPU is delivered, the CPU runs until an exit, the exit is handled, and in virtual
 * time the pCPU's cycles advance by what that cost. On the thread that drives the pCPU.
 */
final class GuestRun {
    private static final Logger LOG = LoggerFactory.getLogger(GuestRun.class);
    /** Cycles an instruction are counted in 2^-16. */
    static final int RATE_SHIFT = MachineClock.RATE_SHIFT, FULL_RATE = 1 << RATE_SHIFT;

    private final Dispatcher d;
    private final Gates gates;
    private final Core core;
    private final MachineClock clock;
    private final CostModel costs;
    private final Topology topology;
    private final int smtRate;
    private GuestExits exits;

    GuestRun(Dispatcher d, Gates gates) {
        this.d = d;
        this.gates = gates;
        core = d.core;
        clock = d.clock;
        costs = core.config.costs();
        topology = core.config.topology();
        smtRate = costs.smtPercent() * FULL_RATE / 100;
    }

    /** Tests only. */
    void exits(GuestExits e) { exits = e; }

    private GuestExits exits() {
        if (exits == null) {
            exits = new GuestExits() {
                @Override public void handle(VcpuImpl v, int pcpu, int exit) { core.exits.handle(v, pcpu, exit); }

                @Override public void resume(VcpuImpl v, int pcpu) { core.exits.enter(v, pcpu); }
            };
        }
        return exits;
    }

    /** Real time: runs guest code once, for {@code budget} instructions at most, and handles the exit. */
    void once(Pcpu p, long budget) { runOnce(p, budget, FULL_RATE); }

    /** Virtual time: the same for about {@code cycles}, and time advances by what the instructions cost now. */
    void cycles(Pcpu p, long cycles) {
        int rate = siblingBusy(p) ? smtRate : FULL_RATE;
        clock.rate(rate);
        runOnce(p, rate == FULL_RATE ? cycles : Math.max(1, (cycles << RATE_SHIFT) / rate), rate);
    }

    private boolean siblingBusy(Pcpu p) {
        int threads = topology.threads();
        int first = p.id - p.id % threads;
        for (int i = first; i < first + threads; i++) {
            if (i != p.id && d.pcpus[i].current != null) {
                return true;
            }
        }
        return false;
    }

    private void runOnce(Pcpu p, long budget, int rate) {
        VcpuImpl v = p.current;
        try {
            if (v.sched.wantsResume) {
                resume(v, p.id);
                if (p.resched) {
                    return;
                }
            }
            long left = v.domain.stopAt == Long.MAX_VALUE ? Long.MAX_VALUE : untilStop(v.domain);
            if (left <= 0) {
                atStop(v.domain);
                return;
            }
            long before = v.context.retired();
            long start = p.cycles;
            if (!gates.enter(p) || p.resched || d.stopping || clock.isVirtual() && core.timeline.posted()) {
                gates.leave(p);
                gates.await(p);
                return;
            }
            int exit;
            try {
                exit = core.cpu(p.id).run(v.context, Math.min(budget, left));
            } finally {
                gates.leave(p);
                advance(p, start + cost(p, v.context.retired() - before, rate));
            }
            boolean stop = left < budget && exit == Exit.BUDGET;
            if (!stop) {
                handle(v, p, exit);
            }
            boolean caused = exit != Exit.BUDGET && exit != Exit.ATTENTION;
            long retired = v.context.retired() - before;
            advance(p, start + cost(p, retired, rate) + (caused ? costs.exitCycles() : 0));
            p.fraction = p.fraction + retired * rate & FULL_RATE - 1;
            if (stop) {
                atStop(v.domain);
            }
        } catch (RuntimeException | Error e) {
            failed(v, p, e);
        }
    }

    /** Instructions that the domain has left until somebody wants to know. */
    private static long untilStop(DomainImpl domain) {
        long left = domain.stopAt;
        for (VcpuImpl v : domain.vcpus()) {
            left -= v.context.retired();
        }
        return left;
    }

    /** Between two instructions, and nothing of it shows in the run: the exit that ended the piece is nobody's. */
    private void atStop(DomainImpl domain) {
        Runnable action = domain.atStop;
        domain.stopAt = Long.MAX_VALUE;
        domain.atStop = null;
        if (action != null) {
            d.act(action);
        }
    }

    private static long cost(Pcpu p, long retired, int rate) { return p.fraction + retired * rate >> RATE_SHIFT; }

    private void resume(VcpuImpl v, int pcpu) {
        core.lock.lock();
        try {
            core.lock.works(CoreLock.RESUME);
            if (!v.domain.live()) {
                // stopped or destroyed while this pCPU waited for the lock: resched is set, the scheduler is asked next
                return;
            }
            v.sched.wantsResume = false;
            int exit = v.sched.pendingExit;
            if (exit >= 0) {
                v.sched.pendingExit = -1;
                exits().handle(v, pcpu, exit);
            } else {
                exits().resume(v, pcpu);
            }
        } finally {
            core.lock.unlock();
        }
    }

    private void handle(VcpuImpl v, Pcpu p, int exit) {
        core.lock.lock();
        try {
            if (v.domain.live()) {
                exits().handle(v, p.id, exit);
            } else {
                // stopped while this pCPU waited for the lock: nothing of it may change until it goes on, if it ever does
                v.sched.pendingExit = exit;
            }
        } finally {
            core.lock.unlock();
        }
    }

    private void advance(Pcpu p, long cycles) {
        if (clock.isVirtual()) {
            p.cycles = cycles;
            clock.cycles(cycles);
        }
    }

    /** A bug of ours or of the machine: the domain that met it ends, the others go on. */
    private void failed(VcpuImpl v, Pcpu p, Throwable e) {
        LOG.error("{} on pCPU {}: internal error", v, p.id, e);
        core.lock.lock();
        try {
            core.life.crash(v, "internal error: " + e);
            v.sched.up(false);
        } finally {
            core.lock.unlock();
        }
    }
}
