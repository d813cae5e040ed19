package xen.hw.x86smp;

import org.osgi.service.component.annotations.Component;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Topology;

/** Declarative Services glue of {@link X86Smp}. */
@Component(property = "xen.machine=x86smp")
public final class X86SmpComponent implements Machine {
    private final X86Smp machine = new X86Smp();

    @Override public String name() { return machine.name(); }

    @Override public Board attach(MachineMemory memory, Topology topology, CpuCallbacks callbacks) {
        return machine.attach(memory, topology, callbacks);
    }
}
