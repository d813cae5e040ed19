package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.GuestException;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * The AVX form of an SSE instruction: SSE's own handler, applied to each 128-bit lane of scratch registers. The scratch destination starts
 * as the first source (the handler's destination), so three-operand forms need nothing else; then the result goes to the destination
 * and the upper part of that is cleared.
 *
 * <p>Scratch are the register file's vector registers 16 and 17 (a lane of the destination each), 18 and 19 (a lane of a source that is in
 * memory or that is widened).
 */
final class AvxLanes extends Op {
    private static final int D = 16, S = 18;
    private static final long ALL_MASKED = 0x1f80;

    private final Op low, high;
    private final int d, from, resultBytes;
    /** Source to bring to scratch, {@code laneBytes} for each lane; null when it stays where it is. */
    private final Source source;
    private final int laneBytes;
    private final boolean narrows;

    AvxLanes(Insn i, Ea ea) {
        // scalar forms ignore VEX.L
        boolean wide = i.vexL != 0 && i.s0 >= 16, vvvvFirst = i.row.operand(0).charAt(0) == 'F';
        boolean three = vvvvFirst || i.operands > 1 && i.row.operand(1).charAt(0) == 'F';
        from = three ? Source.register(i, 1) : -1;
        d = Source.register(i, 0);
        int src = vvvvFirst ? -1 : three ? 2 : 1;
        char size = src < 0 ? 0 : i.row.operand(src).charAt(1);
        boolean widens = size == 'k' || size == 'm' || size == 'l', same = size == 'o';
        boolean copy = src >= 0 && (i.kind(src) == Insn.MEM || wide && widens);
        source = copy ? Source.of(i, src, ea) : null;
        laneBytes = !copy ? 0 : wide && !same ? source.size / 2 : source.size;
        narrows = wide && (i.op == Opcode.CVTPD2PS || i.op == Opcode.CVTPD2DQ || i.op == Opcode.CVTTPD2DQ);
        resultBytes = wide && !narrows ? 32 : 16;
        low = lane(i, src, three, copy, same, 0);
        high = wide ? lane(i, src, three, copy, same, 1) : null;
    }

    private static Op lane(Insn i, int src, boolean three, boolean copy, boolean same, int lane) {
        int n = three ? i.operands - 1 : i.operands;
        int[] kind = new int[n], reg = new int[n], size = new int[n];
        kind[0] = Insn.XMM;
        reg[0] = D + lane;
        size[0] = Math.min(i.s0, 16);
        for (int o = 1; o < n; o++) {
            int at = three ? o + 1 : o;
            kind[o] = i.kind(at);
            size[o] = Math.min(i.size(at), 16);
            reg[o] = i.reg(at) + (kind[o] == Insn.XMM && !(same && at == src) ? 32 * lane : 0);
            if (at == src && copy) {
                kind[o] = Insn.XMM;
                reg[o] = same ? S : S + lane;
            }
        }
        return FpOps.sse(i.with(kind, reg, size, immediate(i, lane)), null);
    }

    /** Where the lanes have bits of their own. */
    private static long immediate(Insn i, int lane) {
        return switch (i.op) {
            case BLENDPS -> i.imm >> 4 * lane & 15;
            case BLENDPD, SHUFPD -> i.imm >> 2 * lane & 3;
            case MPSADBW -> i.imm >> 3 * lane & 7;
            case INSERTPS -> i.mem >= 0 ? i.imm & 0x3f : i.imm;
            default -> i.imm;
        };
    }

    @Override public void exec(InterpreterCpu c) {
        Avx.check(c);
        long r = c.regs, x = r + Source.vector(D), y = r + Source.vector(D + 1);
        if (source != null) {
            long h = source.read(c);
            Raw.copy(h, r + Source.vector(S), laneBytes);
            if (high != null) {
                Raw.copy(h + (laneBytes == source.size ? 0 : laneBytes), r + Source.vector(S + 1), laneBytes);
            }
        }
        if (from >= 0) {
            put64(x, get64(r + from));
            put64(x + 8, get64(r + from + 8));
        }
        if (high == null) {
            low.exec(c);
            Avx.write(r + d, x, 16);
            return;
        }
        if (from >= 0) {
            put64(y, get64(r + from + 16));
            put64(y + 8, get64(r + from + 24));
        }
        if ((Raw.get32(r + VcpuContext.MXCSR) & ALL_MASKED) == ALL_MASKED) {
            low.exec(c);
            high.exec(c);
        } else {
            unmasked(c);
        }
        if (narrows) {
            put64(x + 8, get64(y));
        } else {
            put64(x + 16, get64(y));
            put64(x + 24, get64(y + 8));
        }
        Avx.write(r + d, x, resultBytes);
    }

    /** All elements are judged together, step by step: a lane's fault does not keep the other from being looked at in the same step. */
    private void unmasked(InterpreterCpu c) {
        long at = c.regs + VcpuContext.MXCSR;
        int before = Raw.get32(at), first = raised(c, low, at, before), second = raised(c, high, at, before), set = 0, unmasked = 0;
        for (int left = first | second; left != 0 && unmasked == 0; left >>>= 6) {
            int raised = left & 0x3f;
            unmasked = raised & ~(before >>> 7);
            set |= (unmasked & SseControl.PRE) != 0 ? raised & SseControl.PRE : raised;
        }
        Raw.put32(at, before | set);
        if (unmasked != 0) {
            throw c.raise(Fpu.XM, 0);
        }
    }

    /** What a lane raises, six bits a step ({@link SseControl#byStep}). */
    private static int raised(InterpreterCpu c, Op lane, long at, int before) {
        Raw.put32(at, before & ~0x3f);
        c.fpu.sse.steps = 0;
        try {
            lane.exec(c);
        } catch (GuestException e) {
            // its flags are in MXCSR
        }
        return c.fpu.sse.steps != 0 ? c.fpu.sse.byStep : Raw.get32(at) & 0x3f;
    }
}
