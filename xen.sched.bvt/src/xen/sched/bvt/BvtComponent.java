package xen.sched.bvt;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.kit.SchedulerSim;

/** {@link BorrowedVirtualTime} as the scheduler service "bvt". A new configuration counts from the next decision; nothing is swapped. */
@Component(service = Scheduler.class, property = "xen.scheduler=bvt")
@Designate(ocd = BvtComponent.Config.class)
public final class BvtComponent extends BorrowedVirtualTime {
    /** Configuration of PID xen.sched.bvt.BvtComponent. */
    @ObjectClassDefinition(name = "Borrowed-virtual-time scheduler")
    public @interface Config {
        @AttributeDefinition(name = "Context-switch allowance in microseconds of virtual time", min = "200", max = "100000")
        long allowance_us() default 5_000;

        @AttributeDefinition(name = "Warp of a woken vCPU in microseconds of virtual time, 0 = none", min = "0")
        long warp_us() default 10_000;

        @AttributeDefinition(name = "Longest time that a woken vCPU runs warped, in microseconds", min = "0")
        long warp_limit_us() default 1_000;
    }

    @Activate public BvtComponent(Config c) {
        super(policy(c));
        SchedulerSim.rehearse(this);
    }

    @Modified void modified(Config c) { policy(policy(c)); }

    private static BvtPolicy policy(Config c) { return new BvtPolicy(c.allowance_us() * 1000, c.warp_us() * 1000, c.warp_limit_us() * 1000); }
}
