package xen.kernel.sched;

import xen.kernel.core.Core;
import xen.kernel.time.MachineClock;
import xen.kernel.time.TimelineImpl;

/**
 * All pCPUs on one thread, in virtual time: the same inputs give the same run, instruction by instruction. Every busy pCPU has its own
 * cycle count; they take turns in ascending order in windows that end at the same cycle, at the latest at the next timeline action.
 * An action runs when every busy pCPU has come to its time. A single busy pCPU needs no small windows. When all are idle, time jumps to
 * the next action; when there is none the thread sleeps and time stands still.
 *
 * <p>What pCPUs see of each other is therefore up to a window old, never the order of one pCPU's own doings.
 */
final class VirtualLoop implements Runnable {
    static final long LONE_WINDOW_NANOS = 10_000_000;

    private final Dispatcher d;
    private final Core core;
    private final MachineClock clock;
    private final TimelineImpl timeline;
    private final long window;
    private final long loneWindow;

    VirtualLoop(Dispatcher d) {
        this.d = d;
        core = d.core;
        clock = d.clock;
        timeline = core.timeline;
        window = clock.cyclesFor(core.config.costs().windowNanos());
        loneWindow = clock.cyclesFor(LONE_WINDOW_NANOS);
    }

    @Override public void run() {
        try {
            d.acted = clock.cycles();
            while (!d.stopping) {
                turn();
            }
        } finally {
            for (Pcpu p : d.pcpus) {
                clock.cycles(Math.max(p.cycles, clock.cycles()));
                d.release(p);
            }
        }
    }

    /** One round: give work to idle pCPUs, then either actions or one window of guest code. */
    private void turn() {
        wakeIdle();
        int busy = 0;
        long front = Long.MAX_VALUE;
        for (Pcpu p : d.pcpus) {
            if (p.current != null) {
                busy++;
                front = Math.min(front, p.cycles);
            }
        }
        if (timeline.posted()) {
            actAt(busy == 0 ? d.acted : front, Long.MIN_VALUE);
            return;
        }
        long next = timeline.nextAt();
        if (busy == 0) {
            if (next == TimelineImpl.NEVER) {
                d.sleep(TimelineImpl.NEVER);
            } else {
                actAt(clock.cyclesFor(next), next);
            }
            return;
        }
        long action = clock.cyclesFor(next);
        if (action <= front) {
            actAt(action, next);
            return;
        }
        // above front only when a machine was restored in the middle of a window: it ends where it would have
        long end = d.windowEnd > front ? d.windowEnd : front + (busy == 1 ? loneWindow : window);
        d.windowEnd = Math.min(action, end);
        try {
            runWindow(d.windowEnd);
        } finally {
            d.windowEnd = 0;
        }
    }

    private void wakeIdle() {
        d.disturbed = false;
        for (Pcpu p : d.pcpus) {
            if (p.current == null && p.resched) {
                p.cycles = Math.max(p.cycles, Math.max(d.acted, p.kickedAt));
                clock.cycles(p.cycles);
                d.choose(p);
            }
        }
    }

    /** Runs what is in the inbox and what is due at {@code nanos}, at cycle {@code cycles}. */
    private void actAt(long cycles, long nanos) {
        d.acted = Math.max(d.acted, cycles);
        clock.cycles(d.acted);
        // one at a time: an action may give work to a pCPU that must start before the next action
        Runnable r = timeline.poll(nanos);
        if (r != null) {
            d.act(r);
        }
    }

    private void runWindow(long end) {
        for (Pcpu p : d.pcpus) {
            if (p.current != null && p.cycles < end) {
                runPcpu(p, end);
            }
            if (d.disturbed || d.stopping) {
                return;
            }
        }
    }

    private void runPcpu(Pcpu p, long end) {
        clock.cycles(p.cycles);
        while (!d.stopping && !timeline.posted()) {
            if (p.resched || p.cycles >= p.sliceEndCycles) {
                if (!d.choose(p)) {
                    return;
                }
            }
            if (d.disturbed) {
                return;
            }
            long limit = Math.min(Math.min(end, p.sliceEndCycles), clock.cyclesFor(timeline.nextAt()));
            if (p.cycles >= limit) {
                if (p.cycles >= end || p.cycles < p.sliceEndCycles) {
                    return;
                }
                continue;
            }
            d.runs.cycles(p, limit - p.cycles);
        }
    }
}
