package xen.hw.x86smp.fpu;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.exec.Ea;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.kernel.api.hw.VcpuContext;

/** A vector, MMX, general or memory operand as a host address. Immutable. */
final class Source {
    /** Byte offset of a register. */
    final int off;
    /** Null for a register. */
    final Ea ea;
    final int size;
    /** 16-byte operands of legacy SSE fault with #GP when they are not aligned. */
    final boolean aligned;

    Source(int off, Ea ea, int size, boolean aligned) {
        this.off = off;
        this.ea = ea;
        this.size = size;
        this.aligned = aligned;
    }

    /** Operand {@code n} of an instruction. */
    static Source of(Insn i, int n, Ea ea) {
        boolean memory = i.kind(n) == Insn.MEM;
        return new Source(memory ? 0 : register(i, n), memory ? ea : null, i.size(n), memory && i.size(n) == 16 && !i.vex && !free(i));
    }

    private static boolean free(Insn i) {
        return switch (i.op) {
            case MOVUPS, MOVUPD, MOVDQU, LDDQU, PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM,
                SHA1NEXTE, SHA1MSG1, SHA1MSG2, SHA1RNDS4, SHA256RNDS2, SHA256MSG1, SHA256MSG2 -> true;
            default -> false;
        };
    }

    static int register(Insn i, int n) {
        int r = i.reg(n);
        return switch (i.kind(n)) {
            case Insn.XMM -> vector(r);
            case Insn.MMX -> VcpuContext.X87 + 16 * (r & 7);
            default -> VcpuContext.GPR + 8 * r;
        };
    }

    /** Registers 16 to 31 are scratch of {@link AvxLanes}; {@code r + 32} is the upper 128 bits of register {@code r}. */
    static int vector(int r) { return VcpuContext.VEC + VcpuContext.VEC_STRIDE * (r & 31) + 16 * (r >> 5); }

    boolean memory() { return ea != null; }

    long read(InterpreterCpu c) {
        if (ea == null) {
            return c.regs + off;
        }
        long va = ea.of(c);
        if (aligned && (va & 15) != 0) {
            throw c.raise(Fpu.GP, 0);
        }
        return c.hostRead(va, size);
    }

    long write(InterpreterCpu c) {
        if (ea == null) {
            return c.regs + off;
        }
        long va = ea.of(c);
        if (aligned && (va & 15) != 0) {
            throw c.raise(Fpu.GP, 0);
        }
        return c.hostWrite(va, size);
    }
}
