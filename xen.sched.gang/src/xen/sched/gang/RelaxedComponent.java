package xen.sched.gang;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.kit.SchedulerSim;

/** The scheduler service "gang-relaxed": {@link GangScheduler} with bounded skew and otherwise default parameters. */
@Component(service = Scheduler.class, property = {"xen.scheduler=gang-relaxed", "service.ranking:Integer=-100"})
public final class RelaxedComponent extends GangScheduler {
    public RelaxedComponent() {
        super(GangPolicy.DEFAULT.relaxed(true));
        SchedulerSim.rehearse(this);
    }
}
