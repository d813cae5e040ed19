package xen.kernel.mm;

import xen.kernel.api.hw.MachineMemory;

/** Owner, type and counts of every machine frame. */
public final class FrameTable {
    public final MachineMemory memory;

    public FrameTable(MachineMemory memory) { this.memory = memory; }

    /** Frames nobody owns. */
    public long free() { return 0; }
}
