package xen.kernel.time;

import xen.kernel.api.domain.RunState;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.GuestAccess;

/**
 * The areas that a guest registers by virtual address: runstate (struct vcpu_runstate_info) and a copy of its clock. They are addresses
 * of the guest kernel, so they are looked up with the kernel's root also while the vCPU is in user mode. An area that is not mapped is
 * skipped, silently as in Xen. On the pCPU that has the vCPU, under the core's lock.
 */
final class GuestAreas {
    private static final int STATE = 0, ENTRY = 8, TIME = 16;
    /** Bit 63 of the entry time: an update is in progress (XEN_RUNSTATE_UPDATE). */
    private static final long UPDATE = 1L << 63;
    /** vm_assist that asks for it (VMASST_TYPE_runstate_update_flag). */
    private static final long ASSIST_UPDATE_FLAG = 1L << 5;

    private final VcpuImpl v;
    long runstate;
    long time;

    GuestAreas(VcpuImpl v) { this.v = v; }

    void writeRunstate(int pcpu, VcpuTime t) {
        if (runstate == 0 || elsewhere(pcpu)) {
            return;
        }
        boolean flag = (v.domain.assists & ASSIST_UPDATE_FLAG) != 0;
        long entry = t.stateEntry() + v.domain.timeOffset;
        int mode = enterKernelMode();
        if (flag) {
            put64(pcpu, runstate + ENTRY, entry | UPDATE);
            Raw.fullFence();
        }
        put64(pcpu, runstate + STATE, t.state().ordinal());
        for (RunState s : RunState.values()) {
            put64(pcpu, runstate + TIME + s.ordinal() * 8L, t.nanosAtEntry(s));
        }
        Raw.fullFence();
        put64(pcpu, runstate + ENTRY, entry);
        v.context.put32(VcpuContext.MODE, mode);
    }

    /** Copies the clock from host address {@code from}, version last. */
    void writeTime(int pcpu, long from) {
        if (time == 0 || elsewhere(pcpu)) {
            return;
        }
        int mode = enterKernelMode();
        long head = Raw.get64(from);
        put64(pcpu, time, head | 1);
        Raw.fullFence();
        for (int i = 8; i < PvClock.SIZE; i += 8) {
            put64(pcpu, time + i, Raw.get64(from + i));
        }
        Raw.fullFence();
        put64(pcpu, time, head);
        v.context.put32(VcpuContext.MODE, mode);
    }

    /** The vCPU may be running this moment on a pCPU that is another thread's: nothing of it is touched, it writes when it is next scheduled. */
    private boolean elsewhere(int pcpu) { return !v.domain.core.dispatcher.drives(pcpu); }

    private int enterKernelMode() {
        int mode = v.context.get32(VcpuContext.MODE);
        v.context.put32(VcpuContext.MODE, 0);
        return mode;
    }

    private void put64(int pcpu, long va, long value) {
        if ((va & 4095) <= 4088) {
            long host = writable(pcpu, va);
            if (host != -1) {
                Raw.put64(host, value);
            }
            return;
        }
        for (int i = 0; i < 8; i++) {
            long host = writable(pcpu, va + i);
            if (host != -1) {
                Raw.put8(host, (int) (value >>> 8 * i));
            }
        }
    }

    private long writable(int pcpu, long va) {
        if (!GuestAccess.addressOk(va)) {
            return -1;
        }
        Cpu cpu = v.domain.core.cpu(pcpu);
        long host = cpu.translate(v.context, va, Cpu.WRITE);
        if (host != -1) {
            cpu.contentChanged(v.domain.core.memory.mfnOf(host));
        }
        return host;
    }
}
