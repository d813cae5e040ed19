package xen.kernel.trap;

import static xen.kernel.api.hw.VcpuContext.CS;
import static xen.kernel.api.hw.VcpuContext.GPR;
import static xen.kernel.api.hw.VcpuContext.LONG_MODE;
import static xen.kernel.api.hw.VcpuContext.MODE;
import static xen.kernel.api.hw.VcpuContext.RCX;
import static xen.kernel.api.hw.VcpuContext.RFLAGS;
import static xen.kernel.api.hw.VcpuContext.RIP;
import static xen.kernel.api.hw.VcpuContext.RSP;
import static xen.kernel.api.hw.VcpuContext.SELECTORS;
import static xen.kernel.api.hw.VcpuContext.SS;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Raw;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.GuestAccess;

/**
 * Entries into the guest kernel: pushes the frame of the PV ABI on the guest's kernel stack and turns the vCPU to the handler. From low
 * to high addresses: RCX, R11, [error code], RIP, CS with the saved upcall mask in bits 32-39, RFLAGS, RSP, SS. A frame that cannot be
 * pushed is the guest's double fault and crashes its domain.
 */
final class Bounce {
    static final long NO_ERROR = -1;
    static final int FLAT_CS64 = 0xe033, FLAT_CS32 = 0xe023, FLAT_SS = 0xe02b;
    static final long TF = 0x100, IF = 0x200, DF = 0x400, IOPL = 0x3000, NT = 0x4000, RF = 0x1_0000, VM = 0x2_0000, AC = 0x4_0000;
    /** vm_assist types that matter here. */
    static final int ASSIST_ARCHITECTURAL_IOPL = 4;

    private static final int R11 = 11;
    private static final long CLEARED_ON_ENTRY = TF | NT | RF | VM | AC;

    private Bounce() {}

    /**
     * Enters the guest kernel at {@code handler}.
     *
     * @param masks true when entry masks event upcalls
     * @param error error code, or {@link #NO_ERROR} for a frame without one
     * @return false when that was not possible: the domain has crashed
     */
    static boolean enter(VcpuImpl v, Cpu cpu, long handler, boolean masks, long error) {
        if (handler == 0) {
            v.domain.core.life.crash(v, "trap without a handler");
            return false;
        }
        long b = v.context.base;
        TrapState t = v.traps;
        int cs = Raw.get16(b + SELECTORS + 2 * CS);
        boolean user = Raw.get32(b + MODE) != 0;
        if (user) {
            t.toggleMode();
        } else {
            cs &= 0xfffc;
        }
        long top = (user ? t.kernelSp : Raw.get64(b + GPR + 8 * RSP)) & -16L;
        int words = error == NO_ERROR ? 7 : 8;
        long sp = top - 8L * words;
        // the frame lies in one page, or its words from `split` on lie in the next
        int split = Math.min(words, (4096 - (int) (sp & 4095)) >> 3);
        long low = GuestAccess.addressOk(sp) ? cpu.translate(v.context, sp, Cpu.WRITE) : -1;
        long high = split == words ? low : highPart(v, cpu, top, words, split);
        if (low == -1 || high == -1) {
            return badStack(v, user, top);
        }
        int saved = v.info.mask();
        if (masks) {
            v.info.mask(saved | 1);
        }
        long flags = Raw.getU32(b + RFLAGS), pushed = frameFlags(v, saved);
        int i = words - 1;
        put(low, high, split, i--, Raw.get16(b + SELECTORS + 2 * SS));
        put(low, high, split, i--, Raw.get64(b + GPR + 8 * RSP));
        put(low, high, split, i--, pushed);
        put(low, high, split, i--, cs | (long) saved << 32);
        put(low, high, split, i--, Raw.get64(b + RIP));
        if (error != NO_ERROR) {
            put(low, high, split, i--, error);
        }
        put(low, high, split, 1, Raw.get64(b + GPR + 8 * R11));
        put(low, high, split, 0, Raw.get64(b + GPR + 8 * RCX));
        cpu.contentChanged(v.domain.core.memory.mfnOf(low));
        Raw.put64(b + RFLAGS, flags & ~CLEARED_ON_ENTRY | xen.kernel.api.hw.VcpuContext.FLAGS_FIXED);
        Raw.put16(b + SELECTORS + 2 * SS, FLAT_SS);
        Raw.put16(b + SELECTORS + 2 * CS, FLAT_CS64);
        Raw.put32(b + LONG_MODE, 1);
        Raw.put64(b + GPR + 8 * RSP, sp);
        Raw.put64(b + RIP, handler);
        return true;
    }

    /** Raises an exception in the guest through its trap table. */
    static boolean inject(VcpuImpl v, Cpu cpu, int vector, long error) {
        TrapState t = v.traps;
        if (t.handler[vector] == 0) {
            v.domain.core.life.crash(v, "unhandled exception " + Vectors.name(vector)
                    + (error == NO_ERROR ? "" : ", error code " + Long.toHexString(error)));
            return false;
        }
        return enter(v, cpu, t.handler[vector], (t.handlerFlags[vector] & TrapState.TI_MASKS) != 0, error);
    }

    private static long highPart(VcpuImpl v, Cpu cpu, long top, int words, int split) {
        long va = top - 8L * (words - split);
        long host = GuestAccess.addressOk(va) ? cpu.translate(v.context, va, Cpu.WRITE) : -1;
        if (host == -1) {
            return -1;
        }
        cpu.contentChanged(v.domain.core.memory.mfnOf(host));
        return host - 8L * split;
    }

    private static void put(long low, long high, int split, int i, long value) { Raw.put64((i < split ? low : high) + 8L * i, value); }

    /** RFLAGS as a frame shows them: IF is the upcall mask's opposite. */
    static long frameFlags(VcpuImpl v, int mask) { return Raw.getU32(v.context.base + RFLAGS) & ~(IF | IOPL) | (mask == 0 ? IF : 0) | iopl(v); }

    private static long iopl(VcpuImpl v) {
        return (v.domain.assists >>> ASSIST_ARCHITECTURAL_IOPL & 1) == 0 ? 0 : (long) v.traps.iopl << 12;
    }

    private static boolean badStack(VcpuImpl v, boolean user, long top) {
        if (user) {
            // back to the state that the entry interrupted, so that the report shows it
            v.traps.toggleMode();
        }
        v.domain.core.life.crash(v, "double fault: kernel stack at " + Long.toHexString(top) + " is not writable");
        return false;
    }
}
