package xen.kernel.hypercall;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.GuestMemory;

/**
 * A vCPU's virtual memory in its current mode, through {@link Cpu#translate}: with the guest's rights and never inside the hypervisor's
 * own range. One per vCPU, bound to the pCPU that runs it by {@link #bind}. Every store tells the CPU, because a page may hold code.
 */
public class GuestAccess implements GuestMemory {
    /** The hypervisor's part of the address space, as the ABI reserves it: L4 slots 256 to 271. */
    public static final long HYPERVISOR_START = 0xffff_8000_0000_0000L, HYPERVISOR_END = 0xffff_8800_0000_0000L;

    protected final VcpuContext context;
    protected final MachineMemory memory;
    protected Cpu cpu;

    public GuestAccess(VcpuContext context, MachineMemory memory) {
        this.context = context;
        this.memory = memory;
    }

    /** Says which CPU translates from now on. */
    public final void bind(Cpu value) { cpu = value; }

    public final Cpu cpu() { return cpu; }

    /** True when {@code va} is canonical and outside the hypervisor's range. */
    public static boolean addressOk(long va) { return va >>> 47 == 0 || va < 0 && va >= HYPERVISOR_END; }

    /** Host address of {@code va}, or -1; without an exception, for hot paths. */
    public final long translate(long va, int access) { return addressOk(va) ? cpu.translate(context, va, access) : -1; }

    private long at(long va, int access) {
        long host = translate(va, access);
        if (host == -1) {
            throw GuestFault.INSTANCE;
        }
        return host;
    }

    private long atForWrite(long va) {
        long host = at(va, Cpu.WRITE);
        cpu.contentChanged(memory.mfnOf(host));
        return host;
    }

    private static boolean inPage(long va, int bytes) { return (va & 4095) + bytes <= 4096; }

    private long slowGet(long va, int bytes) {
        long v = 0;
        for (int i = 0; i < bytes; i++) {
            v |= (long) get8(va + i) << 8 * i;
        }
        return v;
    }

    private void slowPut(long va, int bytes, long v) {
        at(va + bytes - 1, Cpu.WRITE);
        for (int i = 0; i < bytes; i++) {
            put8(va + i, (int) (v >>> 8 * i));
        }
    }

    @Override public final int get8(long va) { return Raw.get8(at(va, Cpu.READ)); }
    @Override public final int get16(long va) { return inPage(va, 2) ? Raw.get16(at(va, Cpu.READ)) : (int) slowGet(va, 2); }
    @Override public final int get32(long va) { return inPage(va, 4) ? Raw.get32(at(va, Cpu.READ)) : (int) slowGet(va, 4); }
    @Override public final long get64(long va) { return inPage(va, 8) ? Raw.get64(at(va, Cpu.READ)) : slowGet(va, 8); }

    @Override public final void put8(long va, int v) { Raw.put8(atForWrite(va), v); }

    @Override public final void put16(long va, int v) {
        if (inPage(va, 2)) {
            Raw.put16(atForWrite(va), v);
        } else {
            slowPut(va, 2, v);
        }
    }

    @Override public final void put32(long va, int v) {
        if (inPage(va, 4)) {
            Raw.put32(atForWrite(va), v);
        } else {
            slowPut(va, 4, v);
        }
    }

    @Override public final void put64(long va, long v) {
        if (inPage(va, 8)) {
            Raw.put64(atForWrite(va), v);
        } else {
            slowPut(va, 8, v);
        }
    }

    @Override public final void copyIn(long va, long host, int bytes) {
        for (int done = 0; done < bytes;) {
            int n = chunk(va + done, bytes - done);
            Raw.copy(at(va + done, Cpu.READ), host + done, n);
            done += n;
        }
    }

    @Override public final void copyOut(long host, long va, int bytes) {
        checkWritable(va, bytes);
        for (int done = 0; done < bytes;) {
            int n = chunk(va + done, bytes - done);
            Raw.copy(host + done, atForWrite(va + done), n);
            done += n;
        }
    }

    @Override public final byte[] read(long va, int bytes) {
        byte[] b = new byte[bytes];
        for (int done = 0; done < bytes;) {
            int n = chunk(va + done, bytes - done);
            Raw.get(at(va + done, Cpu.READ), b, done, n);
            done += n;
        }
        return b;
    }

    @Override public final void write(long va, byte[] data) {
        checkWritable(va, data.length);
        for (int done = 0; done < data.length;) {
            int n = chunk(va + done, data.length - done);
            Raw.put(atForWrite(va + done), data, done, n);
            done += n;
        }
    }

    /** Throws unless every byte of the range may be written: validate first, then act. */
    public final void checkWritable(long va, int bytes) {
        for (int done = 0; done < bytes; done += chunk(va + done, bytes - done)) {
            at(va + done, Cpu.WRITE);
        }
    }

    private static int chunk(long va, int left) { return Math.min(left, 4096 - (int) (va & 4095)); }
}
