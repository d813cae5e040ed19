package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;
import xen.kernel.api.hw.Raw;

/**
 * Fused multiply-add in all forms. The opcode's high digit says which operands are factors and which is added: 9 = 132, A = 213, B = 231;
 * its low digit which signs are turned, and whether it is scalar.
 */
final class AvxFma extends Op {
    private static final int SCRATCH = 16;

    private final int d, second, bytes, form, size;
    private final Source s;
    private final boolean scalar, negate;
    /** Bit 0, 1: the even, odd elements subtract. */
    private final int subtract;

    AvxFma(Insn i, Ea ea) {
        d = Source.register(i, 0);
        second = Source.register(i, 1);
        s = Source.of(i, 2, ea);
        size = i.rexW ? 8 : 4;
        scalar = i.s0 < 16;
        bytes = i.s0;
        form = i.opcode >> 4;
        negate = (i.opcode & 15) >= 12;
        subtract = switch (i.op) {
            case VFMADDSUB -> 1;
            case VFMSUBADD -> 2;
            case VFMSUB, VFNMSUB -> 3;
            default -> 0;
        };
    }

    @Override public void exec(InterpreterCpu c) {
        Avx.check(c);
        long r = c.regs, p = r + d, q = r + second, h = s.read(c), t = r + Source.vector(SCRATCH);
        long x = form == 9 ? p : q, y = form == 10 ? p : h, z = form == 9 ? q : form == 10 ? h : p;
        SseMath m = c.fpu.sse;
        m.begin(r);
        Raw.copy(p, t, 16);
        for (int k = 0, n = 0; k < bytes; k += size, n++) {
            boolean minus = (subtract >> (n & 1) & 1) != 0;
            if (size == 8) {
                put64(t + k, m.fma64(get64(x + k), get64(y + k), get64(z + k), negate, minus));
            } else {
                put32(t + k, m.fma32(get32(x + k), get32(y + k), get32(z + k), negate, minus));
            }
        }
        if (!m.end(r)) {
            throw SseFloatOps.xm(c);
        }
        Avx.write(p, t, scalar ? 16 : bytes);
    }
}
