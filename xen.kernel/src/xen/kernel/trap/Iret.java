package xen.kernel.trap;

import static xen.kernel.api.hw.VcpuContext.CS;
import static xen.kernel.api.hw.VcpuContext.SS;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.HypercallFrame;

/**
 * HYPERVISOR_iret: the way back from a bounce. Frame at RSP, low to high: RAX, R11, RCX, flags, RIP, CS, RFLAGS, RSP, SS. A frame that
 * cannot be read, or a return to user mode without a user page table, crashes the domain; selectors that a processor would refuse raise
 * #GP, #NP or #SS at the target, as the processor's own IRET would under Xen.
 */
final class Iret {
    static final int IN_SYSCALL = 1 << 8;
    private static final int WORDS = 9, R11 = 11;
    /** Flags that a ring-3 context may have: arithmetic, TF, DF, NT, RF, AC, ID. */
    private static final long FLAGS_ALLOWED = 0x25_4dd5;

    private Iret() {}

    static long call(HypercallFrame c) {
        VcpuImpl v = c.vcpu();
        VcpuContext x = v.context;
        long sp = x.gpr(VcpuContext.RSP);
        long host = (sp & 4095) <= 4096 - 8 * WORDS ? c.translate(sp, Cpu.READ) : 0;
        if (host == -1 || host == 0 && (c.translate(sp, Cpu.READ) == -1 || c.translate(sp + 8 * WORDS - 1, Cpu.READ) == -1)) {
            v.domain.core.life.crash(v, "iret frame at " + Long.toHexString(sp) + " is not readable");
            return 0;
        }
        int cs = (int) word(c, sp, host, 5) & 0xffff;
        boolean toUser = (cs & 3) == 3;
        if (toUser && x.get64(VcpuContext.USER_ROOT) == 0) {
            v.domain.core.life.crash(v, "iret to user mode without a user page table");
            return 0;
        }
        long rax = word(c, sp, host, 0), r11 = word(c, sp, host, 1), rcx = word(c, sp, host, 2), vgcf = word(c, sp, host, 3);
        long rip = word(c, sp, host, 4), rflags = word(c, sp, host, 6), rsp = word(c, sp, host, 7);
        int ss = (int) word(c, sp, host, 8) & 0xffff;
        if (toUser) {
            v.traps.toggleMode();
        }
        if ((v.domain.assists >>> Bounce.ASSIST_ARCHITECTURAL_IOPL & 1) != 0) {
            v.traps.iopl = (int) (rflags >>> 12) & 3;
        }
        v.traps.nmiInService = false;
        x.rip(rip);
        x.flags(rflags & FLAGS_ALLOWED);
        x.gpr(VcpuContext.RSP, rsp);
        v.info.mask((rflags & Bounce.IF) != 0 ? 0 : 1);
        if ((vgcf & IN_SYSCALL) == 0) {
            x.gpr(R11, r11);
            x.gpr(VcpuContext.RCX, rcx);
            clearNulls(x);
            segments(v, c.cpu(), cs | 3, ss | 3);
        } else {
            // the way of SYSRET: RCX and R11 hold RIP and flags, the selectors are the flat ones
            x.gpr(R11, x.flags());
            x.gpr(VcpuContext.RCX, rip);
            segments(v, c.cpu(), (cs | 3) == Bounce.FLAT_CS32 ? Bounce.FLAT_CS32 : Bounce.FLAT_CS64, Bounce.FLAT_SS);
        }
        return rax;
    }

    private static long word(HypercallFrame c, long sp, long host, int i) { return host != 0 ? Raw.get64(host + 8L * i) : c.get64(sp + 8L * i); }

    private static void segments(VcpuImpl v, Cpu cpu, int cs, int ss) {
        VcpuContext x = v.context;
        x.selector(CS, cs);
        x.selector(SS, ss);
        int bad = -1, vector = Vectors.GP;
        boolean flat = cs == Bounce.FLAT_CS64;
        long code = flat ? 0 : v.descriptors.lookup(cs);
        if (!flat && !Segments.isCode(code)) {
            bad = cs;
            vector = Segments.isCode(code | Segments.PRESENT) ? Vectors.NP : Vectors.GP;
        }
        boolean longMode = flat || (code & Segments.L) != 0;
        long data = ss == Bounce.FLAT_SS && longMode ? 0 : v.descriptors.lookup(ss);
        if (bad < 0 && (ss != Bounce.FLAT_SS || !longMode) && !Segments.isStack(data)) {
            bad = ss;
            vector = Segments.isStack(data | Segments.PRESENT) ? Vectors.SS : Vectors.GP;
        }
        x.put32(VcpuContext.LONG_MODE, longMode || bad >= 0 ? 1 : 0);
        if (bad >= 0) {
            v.traps.countTrap(vector);
            Bounce.inject(v, cpu, vector, bad & 0xfffc);
        } else if (!longMode) {
            Segments.cache(x, CS, code);
            Segments.cache(x, SS, data);
        }
    }

    /** What the processor's IRET to ring 3 does to the null selectors 1 to 3. */
    private static void clearNulls(VcpuContext x) {
        for (int s = 0; s < 6; s++) {
            if (s != CS && s != SS && x.selector(s) < 4) {
                x.selector(s, 0);
            }
        }
    }
}
