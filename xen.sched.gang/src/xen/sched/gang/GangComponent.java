package xen.sched.gang;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.kit.SchedulerSim;

/** {@link GangScheduler} as the scheduler service "gang". A new configuration counts from the next slot; nothing is swapped. */
@Component(service = Scheduler.class, property = "xen.scheduler=gang")
@Designate(ocd = GangComponent.Config.class)
public final class GangComponent extends GangScheduler {
    /** Configuration of PID xen.sched.gang.GangComponent. */
    @ObjectClassDefinition(name = "Gang scheduler")
    public @interface Config {
        @AttributeDefinition(name = "Time slot in microseconds", min = "200", max = "1000000")
        long slot_us() default 10_000;

        @AttributeDefinition(name = "Relaxed co-scheduling: limit the skew instead of running whole gangs")
        boolean relaxed() default false;

        @AttributeDefinition(name = "Relaxed: how far a vCPU may be ahead of its slowest sibling, in microseconds", min = "100")
        long skew_us() default 3_000;

        @AttributeDefinition(name = "A domain with several vCPUs is a gang")
        boolean whole_domains() default true;

        @AttributeDefinition(name = "Share of the time, in percent, that a woken vCPU may take a column which no whole gang needs; 0 = none", min = "0", max = "50")
        int boost_percent() default 10;
    }

    @Activate public GangComponent(Config c) {
        super(policy(c));
        SchedulerSim.rehearse(this);
    }

    @Modified void modified(Config c) { policy(policy(c)); }

    private static GangPolicy policy(Config c) {
        return new GangPolicy(c.slot_us() * 1000, c.relaxed(), c.skew_us() * 1000, c.whole_domains(), c.boost_percent());
    }
}
