package xen.sched.rr;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.kit.SchedulerSim;

/** The scheduler service "rr-static": {@link RoundRobin} with the static placement of the old system, to compare with. */
@Component(service = Scheduler.class, property = {"xen.scheduler=rr-static", "service.ranking:Integer=-100"})
public final class StaticComponent extends RoundRobin {
    public StaticComponent() {
        super(RrPolicy.DEFAULT.fixed());
        SchedulerSim.rehearse(this);
    }
}
