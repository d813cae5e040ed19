package xen.hw.x86smp.exec;

import java.util.Arrays;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Row;
import xen.hw.x86smp.fpu.FpOps;

/**
 * Binds decoded instructions to handlers. The arrays it returns hold one op an instruction plus, when the last instruction is not a
 * terminator, a {@link FallThrough} that is no instruction.
 */
final class OpFactory {
    private static final int STATUS = Row.STATUS;

    /** One op an instruction; each may be entered with flags from anywhere. */
    Op[] plain(Insn[] insns, int off) {
        int n = insns.length;
        boolean falls = !insns[n - 1].terminates();
        Op[] ops = new Op[falls ? n + 1 : n];
        int at = off;
        for (int k = 0; k < n; k++) {
            Insn i = insns[k];
            ops[k] = place(bind(new Binding(i, at, Producer.UNKNOWN)), i, k);
            at += i.length;
        }
        if (falls) {
            ops[n] = new FallThrough(at);
        }
        return ops;
    }

    private static Op place(Op o, Insn i, int index) {
        if (o instanceof SystemOps.Tsc t) {
            t.index(index);
        }
        if (o instanceof BranchOps.Direct d && i.mode == Insn.MODE_32) {
            d.compat();
        }
        return o;
    }

    /** The stack is used without being named. */
    static boolean usesStack(Insn i) {
        return switch (i.op) {
            case PUSH, POP, PUSHF, POPF, PUSHA, POPA, CALL, RET, RETF, CALLF, IRET, ENTER, LEAVE -> true;
            default -> false;
        };
    }

    private static Op bind(Binding b) {
        Op o = IntegerBinder.bind(b);
        if (o == null) {
            o = ControlBinder.bind(b);
        }
        if (o == null) {
            o = FpOps.bind(b.i, b.ea());
        }
        if (o == null) {
            throw new IllegalStateException("no handler for " + b.i.row);
        }
        return o;
    }

    /**
     * For a run from the start: conditions bound to their producer, fused pairs, dead flags removed. All are fresh objects, one behind the
     * other in memory: blocks that get warm together are a stream for the host's caches, where ops as they were bound lie scattered among
     * what decoding left.
     */
    Op[] fuse(Block b) {
        Op[] ops = better(b, b.insns, b.plain);
        Op[] dense = new Op[ops.length];
        for (int k = 0; k < dense.length; k++) {
            dense[k] = ops[k].copy();
        }
        return dense;
    }

    private static Op[] better(Block b, Insn[] insns, Op[] plain) {
        int n = insns.length;
        Op[] ops = withProducers(b, insns, plain);
        for (int k = 0; k + 1 < n; k++) {
            Op quiet = IntegerBinder.quietCandidate(insns[k]) && flagsDead(insns, k) ? IntegerBinder.quiet(new Binding(insns[k], b.off(k), Producer.UNKNOWN)) : null;
            if (quiet != null) {
                if (ops == plain) {
                    ops = plain.clone();
                }
                ops[k] = place(quiet, insns[k], k);
            }
        }
        if (n >= 2 && plain.length == n) {
            Op pair = FusedBinder.bind(new Binding(insns[n - 2], b.off(n - 2), Producer.UNKNOWN), new Binding(insns[n - 1], b.off(n - 1), Producer.UNKNOWN));
            if (pair != null) {
                ops = Arrays.copyOf(ops, n - 1);
                ops[n - 2] = place(pair, insns[n - 2], n - 2);
            }
        }
        return ops;
    }

    private static Op[] withProducers(Block b, Insn[] insns, Op[] plain) {
        Op[] ops = plain;
        Producer flags = Producer.UNKNOWN;
        for (int k = 0; k < insns.length; k++) {
            Insn i = insns[k];
            if (flags != Producer.UNKNOWN && i.row.flagsRead != 0) {
                if (ops == plain) {
                    ops = plain.clone();
                }
                ops[k] = place(bind(new Binding(i, b.off(k), flags)), i, k);
            }
            flags = Producer.after(i, flags);
        }
        return ops;
    }

    /** True if, behind instruction k, all status flags are written before anybody reads them or the block can be left. */
    private static boolean flagsDead(Insn[] insns, int k) {
        int open = STATUS;
        for (int j = k + 1; j < insns.length; j++) {
            Insn i = insns[j];
            Row r = i.row;
            if (i.mem >= 0 && i.memSize != 0 || !r.noFault || r.terminates || (r.flagsRead & open) != 0 || r.flagsMaybe != 0) {
                return false;
            }
            open &= ~(r.flagsWritten | r.flagsUndefined);
            if (open == 0) {
                return true;
            }
            // A partial writer keeps the other flags by looking at them.
            if ((r.flagsWritten | r.flagsUndefined) != 0) {
                return false;
            }
        }
        return false;
    }
}
