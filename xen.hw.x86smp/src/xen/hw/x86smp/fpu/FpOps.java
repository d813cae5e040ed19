package xen.hw.x86smp.fpu;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.Op;

/** Binds x87, MMX and SSE instructions; called by the op factory for every instruction it does not know itself. */
public final class FpOps {
    private FpOps() {}

    /**
     * @param ea the memory operand, or null
     * @return null when the instruction is none of these
     */
    public static Op bind(Insn i, Ea ea) {
        return i.vex ? AvxOps.bind(i, ea) : sse(i, ea);
    }

    /** The 128-bit (or MMX, x87) form. */
    static Op sse(Insn i, Ea ea) {
        Op o = HotOps.bind(i, ea);
        if (o == null) {
            o = X87Ops.bind(i, ea);
        }
        if (o == null) {
            o = StateOps.bind(i, ea);
        }
        if (o == null) {
            o = MoveOps.bind(i, ea);
        }
        if (o == null) {
            o = SseFloatOps.bind(i, ea);
        }
        if (o == null) {
            o = ConvertOps.bind(i, ea);
        }
        if (o == null) {
            o = LaneOps.bind(i, ea);
        }
        return o == null ? VectorOps.bind(i, ea) : o;
    }
}
