package xen.sched.rr;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.kit.SchedulerSim;

/** {@link RoundRobin} as the scheduler service "rr". A new configuration makes a new instance, which the core swaps in. */
@Component(service = Scheduler.class, property = "xen.scheduler=rr")
@Designate(ocd = RrComponent.Config.class)
public final class RrComponent extends RoundRobin {
    /** Configuration of PID xen.sched.rr.RrComponent. */
    @ObjectClassDefinition(name = "Round-robin scheduler")
    public @interface Config {
        @AttributeDefinition(name = "Slice of a vCPU of weight 256, in microseconds", min = "100", max = "1000000")
        long slice_us() default 10_000;
    }

    @Activate public RrComponent(Config config) {
        super(config.slice_us() * 1000);
        rehearse(config.slice_us() * 1000);
    }

    /** A moment in the simulator: classes are loaded and call sites linked before the core, in a swap, waits for {@code start}. */
    private static void rehearse(long slice) {
        SchedulerSim sim = new SchedulerSim(new Topology(1, 2, 2));
        for (int i = 0; i < 6; i++) {
            sim.add("rehearsal" + i);
        }
        sim.use(new RoundRobin(slice));
        sim.runUntil(8 * slice);
    }
}
