package xen.kernel.trap;

import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.VcpuStart;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.GuestAccess;
import xen.kernel.hypercall.HypercallFrame;

/** First state of a vCPU: vCPU 0 from the domain builder, the others from struct vcpu_guest_context by VCPUOP_initialise. */
public final class VcpuInitialise {
    /** Offsets in struct vcpu_guest_context for x86-64. */
    private static final int FPU = 0, FLAGS = 512, REGS = 520, TRAPS = 720, LDT_BASE = 4816, LDT_ENTS = 4824, GDT_FRAMES = 4832,
            GDT_ENTS = 4960, KERNEL_SS = 4968, KERNEL_SP = 4976, CTRLREG = 4984, DEBUGREG = 5048, EVENT = 5112, FAILSAFE = 5120,
            SYSCALL = 5128, VM_ASSIST = 5136, FS_BASE = 5144, GS_KERNEL = 5152, GS_USER = 5160;
    public static final int SIZE = 5168;
    /** Offsets in cpu_user_regs. */
    private static final int RIP = 128, CS = 136, RFLAGS = 144, RSP = 152, SS = 160, ES = 168, DS = 176, FS = 184, GS = 192;
    /** Registers in the order of cpu_user_regs from offset 0. */
    private static final int[] GPRS = {15, 14, 13, 12, VcpuContext.RBP, VcpuContext.RBX, 11, 10, 9, 8, VcpuContext.RAX, VcpuContext.RCX,
        VcpuContext.RDX, VcpuContext.RSI, VcpuContext.RDI};
    private static final int I387_VALID = 1, IN_KERNEL = 4, FAILSAFE_MASKS = 8, SYSCALL_MASKS = 16;
    public static final long FLAGS_ALLOWED = 0x25_4dd5;
    private static final long CR0_TS = 8;

    private VcpuInitialise() {}

    /** Hypervisor.start: the ABI's boot state of vCPU 0. */
    public static void start(VcpuImpl v, VcpuStart s) {
        if (v.traps.initialised) {
            throw new HypervisorException(Errno.EEXIST, v + " has a start state already; create a new domain instead");
        }
        if (!GuestAccess.addressOk(s.rip()) || !GuestAccess.addressOk(s.rsp())) {
            throw new HypervisorException(Errno.EINVAL, "entry " + Long.toHexString(s.rip()) + " or stack " + Long.toHexString(s.rsp())
                    + " is not an address that a guest can use");
        }
        if (!v.domain.memory.setRoot(v, s.root(), false)) {
            throw new HypervisorException(Errno.EINVAL, "frame " + Long.toHexString(s.root()) + " is no L4 page table of " + v.domain
                    + "; pin it before the start");
        }
        VcpuContext x = v.context;
        x.rip(s.rip());
        x.gpr(VcpuContext.RSP, s.rsp());
        x.gpr(VcpuContext.RSI, s.rsi());
        x.selector(VcpuContext.CS, Bounce.FLAT_CS64);
        x.selector(VcpuContext.SS, Bounce.FLAT_SS);
        v.traps.kernelSp = s.rsp();
        v.traps.kernelSs = Bounce.FLAT_SS;
        v.traps.initialised = true;
        v.sched.up(true);
    }

    /** VCPUOP_initialise: everything is checked before anything is set, except the references that can be refused. */
    static long initialise(HypercallFrame c, VcpuImpl v, long arg) {
        byte[] image = c.read(arg, SIZE);
        Raw.Area area = Raw.allocate(SIZE);
        try {
            Raw.put(area.address(), image, 0, SIZE);
            return apply(v, area.address());
        } finally {
            area.free();
        }
    }

    private static long apply(VcpuImpl v, long p) {
        int[] addresses = {REGS + RIP, REGS + RSP, KERNEL_SP, FS_BASE, GS_KERNEL, GS_USER, EVENT, FAILSAFE, SYSCALL};
        for (int a : addresses) {
            if (!TrapHypercalls.canonical(Raw.get64(p + a))) {
                return -Errno.EINVAL;
            }
        }
        for (int i = 0; i < TrapState.VECTORS; i++) {
            if (!TrapHypercalls.canonical(Raw.get64(p + TRAPS + 16L * i + 8))) {
                return -Errno.EINVAL;
            }
        }
        long flags = Raw.get64(p + FLAGS), root = Raw.get64(p + CTRLREG + 24), userRoot = Raw.get64(p + CTRLREG + 8);
        long gdtEntries = Raw.get64(p + GDT_ENTS), ldtEntries = Raw.get64(p + LDT_ENTS);
        if (gdtEntries < 0 || gdtEntries > 14 * 512 || ldtEntries != 0 || (flags & IN_KERNEL) == 0 && userRoot == 0) {
            // an LDT is set by the vCPU itself, MMUEXT_SET_LDT; nobody starts with one
            return -Errno.EINVAL;
        }
        long[] frames = new long[(int) (gdtEntries + 511) / 512];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = Raw.get64(p + GDT_FRAMES + 8L * i);
        }
        int rc = v.descriptors.setGdt(frames, (int) gdtEntries);
        if (rc != 0) {
            return rc;
        }
        if (!v.domain.memory.setRoot(v, root >>> 12, false) || userRoot != 0 && !v.domain.memory.setRoot(v, userRoot >>> 12, true)) {
            v.descriptors.release();
            return -Errno.EINVAL;
        }
        registers(v, p, (flags & IN_KERNEL) == 0);
        traps(v, p, flags);
        if ((flags & I387_VALID) != 0) {
            Fxsave.load(v.context, p + FPU);
        }
        v.traps.initialised = true;
        return 0;
    }

    private static void registers(VcpuImpl v, long p, boolean user) {
        VcpuContext x = v.context;
        for (int i = 0; i < GPRS.length; i++) {
            x.gpr(GPRS[i], Raw.get64(p + REGS + 8L * i));
        }
        long r = p + REGS;
        x.rip(Raw.get64(r + RIP));
        x.gpr(VcpuContext.RSP, Raw.get64(r + RSP));
        x.flags(Raw.get64(r + RFLAGS) & FLAGS_ALLOWED);
        v.traps.iopl = (int) (Raw.get64(r + RFLAGS) >>> 12) & 3;
        int[] segments = {ES, CS, SS, DS, FS, GS};
        for (int i = 0; i < segments.length; i++) {
            int s = Raw.get16(r + segments[i]);
            boolean fixed = i == VcpuContext.CS || i == VcpuContext.SS;
            x.selector(i, fixed ? s | 3 : s);
            Segments.cache(x, i, v.descriptors.lookup(s));
        }
        x.put32(VcpuContext.LONG_MODE, 1);
        x.put64(VcpuContext.FS_BASE, Raw.get64(p + FS_BASE));
        x.put32(VcpuContext.MODE, user ? 1 : 0);
        x.put64(VcpuContext.GS_BASE, Raw.get64(p + (user ? GS_USER : GS_KERNEL)));
        x.put64(VcpuContext.GS_BASE_OTHER, Raw.get64(p + (user ? GS_KERNEL : GS_USER)));
        x.put32(VcpuContext.TASK_SWITCHED, (Raw.get64(p + CTRLREG) & CR0_TS) != 0 ? 1 : 0);
    }

    private static void traps(VcpuImpl v, long p, long flags) {
        TrapState t = v.traps;
        t.clearTable();
        for (int i = 0; i < TrapState.VECTORS; i++) {
            long e = p + TRAPS + 16L * i;
            TrapHypercalls.set(t, i, Raw.get8(e + 1), Raw.get16(e + 2), Raw.get64(e + 8));
        }
        t.kernelSs = (int) Raw.get64(p + KERNEL_SS);
        t.kernelSp = Raw.get64(p + KERNEL_SP);
        t.eventCallback = Raw.get64(p + EVENT);
        t.failsafeCallback = Raw.get64(p + FAILSAFE);
        t.syscallCallback = Raw.get64(p + SYSCALL);
        t.failsafeMasks = (flags & FAILSAFE_MASKS) != 0;
        t.syscallMasks = (flags & SYSCALL_MASKS) != 0;
        PrivilegedOps.writeCr4(v, Raw.get64(p + CTRLREG + 32));
        for (int i = 0; i < 8; i++) {
            if (i != 4 && i != 5) {
                DebugRegisters.set(v, i, Raw.get64(p + DEBUGREG + 8L * i));
            }
        }
    }
}
