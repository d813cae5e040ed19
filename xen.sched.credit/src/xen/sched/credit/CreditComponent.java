package xen.sched.credit;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.kit.SchedulerSim;

/** {@link Credit} as the scheduler service "credit". A new configuration counts from the next decision; nothing is swapped. */
@Component(service = Scheduler.class, property = "xen.scheduler=credit")
@Designate(ocd = CreditComponent.Config.class)
public final class CreditComponent extends Credit {
    /** Configuration of PID xen.sched.credit.CreditComponent. */
    @ObjectClassDefinition(name = "Credit scheduler")
    public @interface Config {
        @AttributeDefinition(name = "Slice in microseconds", min = "1000", max = "300000")
        long slice_us() default 30_000;

        @AttributeDefinition(name = "Rate limit: shortest run before a preemption, in microseconds", min = "0")
        long ratelimit_us() default 1_000;
    }

    @Activate public CreditComponent(Config c) {
        super(policy(c));
        SchedulerSim.rehearse(this);
    }

    @Modified void modified(Config c) { policy(policy(c)); }

    private static CreditPolicy policy(Config c) { return new CreditPolicy(c.slice_us() * 1000, c.ratelimit_us() * 1000); }
}
