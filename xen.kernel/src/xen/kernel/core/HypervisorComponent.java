package xen.kernel.core;

import java.util.Map;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hypercall.HypercallHandler;
import xen.kernel.api.sched.Scheduler;

/** The core as a service, there from the start; machines, schedulers and hypercall handlers come and go. */
@Component(service = Hypervisor.class, immediate = true)
public final class HypervisorComponent extends HypervisorImpl {
    @Deactivate void deactivate() { powerOff(); }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addMachine(Machine machine, Map<String, Object> properties) { plugins.add(name(properties, "xen.machine", machine.name()), machine); }

    public void removeMachine(Machine machine, Map<String, Object> properties) {
        plugins.remove(name(properties, "xen.machine", machine.name()), machine);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addScheduler(Scheduler scheduler, Map<String, Object> properties) {
        plugins.add(name(properties, "xen.scheduler", scheduler.getClass().getName()), scheduler,
                properties.get("service.ranking") instanceof Integer i ? i : 0);
    }

    public void removeScheduler(Scheduler scheduler, Map<String, Object> properties) {
        plugins.remove(name(properties, "xen.scheduler", scheduler.getClass().getName()), scheduler);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addHandler(HypercallHandler handler, Map<String, Object> properties) { plugins.add(number(properties), handler); }

    void removeHandler(HypercallHandler handler, Map<String, Object> properties) { plugins.remove(number(properties), handler); }

    private static String name(Map<String, Object> properties, String key, String fallback) {
        return properties.get(key) instanceof String s ? s : fallback;
    }

    private static int number(Map<String, Object> properties) {
        return switch (properties.get("xen.hypercall")) {
            case Number n -> n.intValue();
            case String s when s.matches("\\d{1,9}") -> Integer.parseInt(s);
            case null, default -> -1;
        };
    }
}
