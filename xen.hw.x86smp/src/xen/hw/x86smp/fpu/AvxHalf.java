package xen.hw.x86smp.fpu;

import static xen.kernel.api.hw.Raw.get32;
import static xen.kernel.api.hw.Raw.get64;
import static xen.kernel.api.hw.Raw.put16;
import static xen.kernel.api.hw.Raw.put32;
import static xen.kernel.api.hw.Raw.put64;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.hw.x86smp.exec.Op;
import xen.kernel.api.hw.Raw;

/** F16C: VCVTPH2PS and VCVTPS2PH. */
final class AvxHalf extends Op {
    private static final int SCRATCH = 16;

    private final Source d, s;
    private final int count, imm;
    private final boolean widen;

    AvxHalf(Insn i, Ea ea) {
        d = Source.of(i, 0, ea);
        s = Source.of(i, 1, ea);
        widen = i.op == Opcode.VCVTPH2PS;
        count = i.vexL != 0 ? 8 : 4;
        imm = (int) i.imm;
    }

    @Override public void exec(InterpreterCpu c) {
        Avx.check(c);
        long r = c.regs, t = r + Source.vector(SCRATCH), h = s.read(c);
        SseMath m = c.fpu.sse;
        m.begin(r);
        int mode = (imm & 4) != 0 ? m.rc() : imm & 3;
        for (int k = 0; k < count; k++) {
            if (widen) {
                put32(t + 4 * k, m.halfToFloat(Raw.get16(h + 2 * k)));
            } else {
                put16(t + 2 * k, m.floatToHalf(get32(h + 4 * k), mode));
            }
        }
        long to = 0;
        if (d.memory()) {
            to = d.write(c);
        }
        if (!m.end(r)) {
            throw SseFloatOps.xm(c);
        }
        if (widen) {
            Avx.write(r + d.off, t, 4 * count);
        } else if (d.memory()) {
            for (int k = 0; k < 2 * count; k += 8) {
                put64(to + k, get64(t + k));
            }
        } else {
            if (count == 4) {
                put64(t + 8, 0);
            }
            Avx.write(r + d.off, t, 16);
        }
    }
}
