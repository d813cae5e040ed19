package xen.sched.rr;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.kit.SchedulerSim;

/** {@link RoundRobin} as the scheduler service "rr". A new configuration counts from the next decision; nothing is swapped. */
@Component(service = Scheduler.class, property = {"xen.scheduler=rr", "service.ranking:Integer=100"})
@Designate(ocd = RrComponent.Config.class)
public final class RrComponent extends RoundRobin {
    /** Configuration of PID xen.sched.rr.RrComponent. */
    @ObjectClassDefinition(name = "Round-robin scheduler")
    public @interface Config {
        @AttributeDefinition(name = "Slice of a vCPU of weight 256, in microseconds", min = "250", max = "320000")
        long slice_us() default 10_000;

        @AttributeDefinition(name = "Work stealing; without it vCPUs stay where they were dealt")
        boolean stealing() default true;

        @AttributeDefinition(name = "Share of the time, in percent, that a vCPU may run boosted after wake-ups; 0 = no boost", min = "0", max = "50")
        int boost_percent() default 10;

        @AttributeDefinition(name = "Longest boosted run, in microseconds", min = "10", max = "100000")
        long boost_us() default 2_000;

        @AttributeDefinition(name = "Rate limit: shortest run before a preemption, in microseconds", min = "0")
        long ratelimit_us() default 200;
    }

    @Activate public RrComponent(Config c) {
        super(policy(c));
        SchedulerSim.rehearse(this);
    }

    @Modified void modified(Config c) { policy(policy(c)); }

    private static RrPolicy policy(Config c) {
        return new RrPolicy(c.slice_us() * 1000, c.stealing(), c.boost_percent(), c.boost_us() * 1000, c.ratelimit_us() * 1000);
    }
}
