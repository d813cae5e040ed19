package xen.bench.lab;

import java.util.Map;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.core.HypervisorComponent;

/** The core with the laboratory's machine, without a framework. */
final class Bed {
    private final HypervisorComponent hypervisor = new HypervisorComponent();
    final Lab lab;

    Bed() {
        LabMachine machine = new LabMachine();
        hypervisor.addMachine(machine, Map.of("xen.machine", LabMachine.NAME));
        lab = new Lab(hypervisor, machine);
    }

    Bed with(String name, Scheduler s) {
        hypervisor.addScheduler(s, Map.of("xen.scheduler", name));
        return this;
    }

    Outcome run(Setup s) {
        try {
            return lab.run(s);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
