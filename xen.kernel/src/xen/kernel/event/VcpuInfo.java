package xen.kernel.event;

import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.VcpuImpl;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;

/**
 * Where a vCPU's vcpu_info lives (its slot in shared_info, or where VCPUOP_register_vcpu_info put it) and what it says. A vCPU from
 * number 32 on has no slot: until it registers one, what the core writes goes to a private page that the guest never sees.
 *
 * <p>Under the core's lock, except for what the guest itself writes there: the words shared with it change atomically.
 */
public final class VcpuInfo {
    private final VcpuImpl v;
    private long address;
    private long mfn = -1;
    private Raw.Area dummy;

    public VcpuInfo(VcpuImpl v) { this.v = v; }

    /** Host address of the struct. */
    public long address() { return address != 0 ? address : locate(); }

    private long locate() {
        if (v.id() < SharedInfo.LEGACY_VCPUS) {
            address = SharedInfo.address(v.domain()) + v.id() * (long) SharedInfo.VCPU_INFO_SIZE;
        } else {
            dummy = Raw.allocate(SharedInfo.VCPU_INFO_SIZE);
            address = dummy.address();
            Raw.zero(address, SharedInfo.VCPU_INFO_SIZE);
            mask(1);
        }
        return address;
    }

    /**
     * VCPUOP_register_vcpu_info: moves the struct to a frame of the guest's, once. All events are marked pending there, because one may
     * have come between the copy and the switch.
     *
     * @return 0 or -errno
     */
    public long register(long frame, int offset) {
        if (offset < 0 || offset > MachineMemory.PAGE_SIZE - SharedInfo.VCPU_INFO_SIZE || (offset & 7) != 0) {
            return -Errno.EINVAL;
        }
        if (mfn != -1) {
            return -Errno.EINVAL;
        }
        if (!v.domain.memory.getWritable(frame)) {
            return -Errno.EINVAL;
        }
        long to = v.domain.core.memory.address(frame) + offset;
        Raw.copy(address(), to, SharedInfo.VCPU_INFO_SIZE);
        releaseDummy();
        mfn = frame;
        address = to;
        Raw.put8(to + SharedInfo.UPCALL_PENDING, 1);
        Raw.put64(to + SharedInfo.PENDING_SEL, -1);
        v.time.infoMoved();
        if (v.sched.pcpu() >= 0) {
            v.time.refresh(v.sched.pcpu());
        }
        v.sched.kick();
        return 0;
    }

    /** Back to shared_info (domain destroyed or reset). */
    public void dispose() {
        if (mfn != -1) {
            v.domain.memory.putWritable(mfn);
            mfn = -1;
        }
        releaseDummy();
        address = 0;
    }

    private void releaseDummy() {
        if (dummy != null) {
            dummy.free();
            dummy = null;
        }
    }

    /** evtchn_upcall_mask: the guest's virtual interrupt flag, inverted. */
    public boolean masked() { return mask() != 0; }

    public void masked(boolean m) { mask(m ? 1 : 0); }

    public int mask() { return Raw.get8(address() + SharedInfo.UPCALL_MASK); }

    public void mask(int m) { Raw.put8(address() + SharedInfo.UPCALL_MASK, m); }

    public boolean pending() { return Raw.get8(address() + SharedInfo.UPCALL_PENDING) != 0; }

    /** An event waits and the guest accepts it now. */
    public boolean upcallReady() { return pending() && !masked(); }

    /** Sets evtchn_upcall_pending. @return false when it was set already */
    boolean setPending() {
        // the word also holds the mask, which the guest may write at this moment
        return TwoLevel.setBit(address(), 0);
    }

    /** Sets a bit of evtchn_pending_sel. @return false when it was set already */
    boolean select(int word) { return TwoLevel.setBit(address() + SharedInfo.PENDING_SEL, word); }

    public void cr2(long va) { Raw.put64(address() + SharedInfo.CR2, va); }

    public long cr2() { return Raw.get64(address() + SharedInfo.CR2); }

    // Saving

    public void capture(StateWriter w) {
        w.part("vcpu_info").i64(mfn == -1 ? 0 : mfn).i32(mfn == -1 ? 0 : (int) (address & MachineMemory.PAGE_SIZE - 1));
        byte[] own = new byte[dummy == null ? 0 : SharedInfo.VCPU_INFO_SIZE];
        Raw.get(address(), own, 0, own.length);
        w.raw(own);
    }

    /** What the struct says is in the guest's memory and stays as it is. */
    public void restore(StateReader r) {
        r.part("vcpu_info");
        long frame = r.frame("page of vcpu_info", true);
        int offset = r.i32("offset of vcpu_info", 0, MachineMemory.PAGE_SIZE - SharedInfo.VCPU_INFO_SIZE);
        byte[] own = r.raw("own vcpu_info", SharedInfo.VCPU_INFO_SIZE);
        if (frame != 0) {
            if ((offset & 7) != 0 || !v.domain.memory.getWritable(frame)) {
                throw r.refused("vcpu_info is in a page that cannot be written");
            }
            mfn = frame;
            address = v.domain.core.memory.address(frame) + offset;
        } else if (own.length != 0) {
            if (own.length != SharedInfo.VCPU_INFO_SIZE || v.id() < SharedInfo.LEGACY_VCPUS) {
                throw r.refused("own vcpu_info of " + own.length + " bytes");
            }
            Raw.put(address(), own, 0, own.length);
        }
    }
}
