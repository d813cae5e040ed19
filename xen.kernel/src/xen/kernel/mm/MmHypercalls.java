package xen.kernel.mm;

import xen.kernel.core.Core;
import xen.kernel.hypercall.HypercallTable;

/** Memory's hypercalls by number. */
public final class MmHypercalls {
    private MmHypercalls() {}

    public static void register(HypercallTable t, Core core) {
        UpdateVaMapping va = new UpdateVaMapping(core.frames);
        DescriptorCalls descriptors = new DescriptorCalls(core.frames);
        t.register(1, "mmu_update", new MmuUpdate(core.frames)::call);
        t.register(2, "set_gdt", descriptors::setGdt);
        t.register(10, "update_descriptor", descriptors::update);
        t.register(12, "memory_op", new MemoryOp(core.frames)::call);
        t.register(14, "update_va_mapping", va::call);
        t.register(22, "update_va_mapping_otherdomain", va::callOther);
        t.register(26, "mmuext_op", new MmuExtOp(core.frames)::call);
    }
}
