package xen.sched.shared;

import xen.kernel.api.domain.Vcpu;

/**
 * What a vCPU used of its cap. Every period of {@link #PERIOD} gives it cap percent of a pCPU; time used beyond that is owed to the next
 * periods, time not used is lost. Sleeping refills nothing: whoever keeps this object over a sleep must keep it to the period's end.
 */
public final class CapBudget {
    public static final long PERIOD = Vcpu.CAP_PERIOD;

    private boolean known;
    private long period;
    private long used;

    /** Nanoseconds it may still run in the period of {@code now}; Long.MAX_VALUE without a cap. */
    public long left(Vcpu v, long now) {
        int cap = v.cap();
        long p = now / PERIOD;
        if (!known) {
            // another scheduler may have counted before
            known = true;
            period = p;
            used = v.capUsed();
        }
        if (p > period) {
            // 2^20 periods are a day: more refills everything
            long periods = Math.min(p - period, 1 << 20);
            used = cap == 0 ? 0 : Math.max(0, used - periods * (PERIOD / 100 * cap));
            period = p;
        }
        return cap == 0 ? Long.MAX_VALUE : PERIOD / 100 * cap - used;
    }

    public void charge(Vcpu v, long ran, long now) {
        left(v, now);
        used += ran;
    }

    /** When the next period begins. */
    public static long nextPeriod(long now) { return (now / PERIOD + 1) * PERIOD; }

    /** True when nothing of it matters any more. */
    public boolean settled(Vcpu v, long now) {
        left(v, now);
        return used == 0;
    }
}
