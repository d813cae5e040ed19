package xen.kernel.trap;

import static xen.kernel.api.hw.VcpuContext.DS;
import static xen.kernel.api.hw.VcpuContext.ES;
import static xen.kernel.api.hw.VcpuContext.FS;
import static xen.kernel.api.hw.VcpuContext.GS;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.GuestAccess;

/**
 * What happens to a vCPU's data segment selectors when it is scheduled: a processor loads them from the descriptor tables as they are
 * then. One that cannot be loaded any more becomes null, and the guest kernel is entered at its failsafe callback. Its frame, from low to
 * high addresses: RCX, R11, DS, ES, FS, GS as they should have been, RIP, CS with the saved upcall mask in bits 32-39, RFLAGS, RSP, SS.
 */
final class Failsafe {
    private static final int[] ORDER = {DS, ES, FS, GS};
    private static final int WORDS = 11, R11 = 11;
    private static final long CLEARED = Bounce.TF | Bounce.NT | Bounce.RF | Bounce.VM | Bounce.AC;

    private Failsafe() {}

    /** Called before a vCPU that was away enters the guest; its bases of FS and GS stay what they are. */
    static void reloadSelectors(VcpuImpl v, Cpu cpu) {
        VcpuContext x = v.context;
        if (((x.selector(DS) | x.selector(ES) | x.selector(FS) | x.selector(GS)) & 0xfffc) == 0) {
            return;
        }
        int[] wanted = new int[ORDER.length];
        boolean all = true;
        for (int i = 0; i < ORDER.length; i++) {
            wanted[i] = x.selector(ORDER[i]);
            all &= load(v, ORDER[i], wanted[i]);
        }
        if (!all) {
            enter(v, cpu, wanted);
        }
    }

    private static boolean load(VcpuImpl v, int seg, int selector) {
        if ((selector & 0xfffc) == 0) {
            return true;
        }
        long d = v.descriptors.lookup(selector);
        boolean ok = Segments.isLoadable(d);
        if (!ok) {
            v.context.selector(seg, 0);
        }
        Segments.cache(v.context, seg, ok ? d : 0);
        return ok;
    }

    private static void enter(VcpuImpl v, Cpu cpu, int[] wanted) {
        VcpuContext x = v.context;
        TrapState t = v.traps;
        if (t.failsafeCallback == 0) {
            v.domain.core.life.crash(v, "a selector of a data segment cannot be loaded, and there is no failsafe callback");
            return;
        }
        boolean user = x.userMode();
        int cs = x.selector(VcpuContext.CS);
        if (user) {
            t.toggleMode();
        } else {
            cs &= 0xfffc;
        }
        int mask = v.info.mask();
        long sp = (user ? t.kernelSp : x.gpr(VcpuContext.RSP)) & -16L;
        long[] words = {x.gpr(VcpuContext.RCX), x.gpr(R11), wanted[0], wanted[1], wanted[2], wanted[3], x.rip(), cs | (long) mask << 32, Bounce.frameFlags(v, mask),
            x.gpr(VcpuContext.RSP), x.selector(VcpuContext.SS)};
        sp -= 8L * WORDS;
        for (int i = 0; i < WORDS; i++) {
            long va = sp + 8L * i, host = GuestAccess.addressOk(va) ? cpu.translate(x, va, Cpu.WRITE) : -1;
            if (host == -1) {
                v.domain.core.life.crash(v, "error while creating the failsafe callback's frame at " + Long.toHexString(sp));
                return;
            }
            Raw.put64(host, words[i]);
            cpu.contentChanged(v.domain.core.memory.mfnOf(host));
        }
        if (t.failsafeMasks) {
            v.info.mask(mask | 1);
        }
        x.flags(x.flags() & ~CLEARED);
        x.selector(VcpuContext.SS, Bounce.FLAT_SS);
        x.selector(VcpuContext.CS, Bounce.FLAT_CS64);
        x.put32(VcpuContext.LONG_MODE, 1);
        x.gpr(VcpuContext.RSP, sp);
        x.rip(t.failsafeCallback);
        t.countFailsafe();
    }
}
