package xen.hw.x86smp;

import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import xen.hw.x86smp.engine.Engine;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Topology;

/** Declarative Services glue of {@link X86Smp}. */
@Component(property = "xen.machine=x86smp", immediate = true)
public final class X86SmpComponent implements Machine {
    private final X86Smp machine = new X86Smp();

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addEngine(Engine engine) { machine.add(engine); }

    void removeEngine(Engine engine) { machine.remove(engine); }

    @Override public String name() { return machine.name(); }

    @Override public Listing disassemble(byte[] code, long rip, boolean longMode) { return machine.disassemble(code, rip, longMode); }

    @Override public Board attach(MachineMemory memory, Topology topology, CpuCallbacks callbacks) {
        return machine.attach(memory, topology, callbacks);
    }
}
