package xen.kernel.driver;

import xen.kernel.api.block.Vbd;

/** All that a driver gets of a virtual disk: to look at. */
final class VbdView implements Vbd {
    private final VbdImpl vbd;

    VbdView(VbdImpl vbd) { this.vbd = vbd; }

    @Override public int domid() { return vbd.domid(); }
    @Override public int device() { return vbd.device(); }
    @Override public long sectors() { return vbd.sectors(); }
    @Override public int sectorSize() { return vbd.sectorSize(); }
    @Override public boolean readOnly() { return vbd.readOnly(); }
    @Override public boolean persistent() { return vbd.persistent(); }
    @Override public String toString() { return vbd.toString(); }
}
