package xen.sched.shared;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import xen.kernel.api.sched.SchedulerHost;

/**
 * Entries whose cap is used up, by the pCPU that will look after them: it is kicked when the next period begins and takes back only its
 * own, so that no decision handles them all.
 *
 * @param <E> what a policy keeps of a vCPU
 */
public final class Parking<E> {
    private final SchedulerHost host;
    private final ArrayDeque<E>[] waiting;
    /** The period for which a pCPU is to be kicked, or 0. */
    private final long[] asked;
    private int size;

    @SuppressWarnings("unchecked")
    public Parking(SchedulerHost host) {
        this.host = host;
        waiting = new ArrayDeque[host.topology().pcpus()];
        asked = new long[waiting.length];
    }

    /** @param pcpu one of the pool */
    public void add(E e, int pcpu) {
        if (waiting[pcpu] == null) {
            waiting[pcpu] = new ArrayDeque<>(4);
        }
        waiting[pcpu].add(e);
        size++;
        long next = CapBudget.nextPeriod(host.now());
        if (asked[pcpu] != next) {
            asked[pcpu] = next;
            host.kickAt(pcpu, next);
        }
    }

    public void remove(E e, int pcpu) {
        if (waiting[pcpu].remove(e)) {
            size--;
        }
    }

    /** Gives back those of {@code pcpu} that were parked before the present period; at each decision there. */
    public void release(int pcpu, long now, Consumer<E> admit) {
        if (size == 0 || waiting[pcpu] == null || waiting[pcpu].isEmpty() || now < asked[pcpu]) {
            return;
        }
        // a vCPU that owes more than a period is parked again meanwhile
        for (int n = waiting[pcpu].size(); n > 0; n--) {
            size--;
            admit.accept(waiting[pcpu].remove());
        }
    }
}
