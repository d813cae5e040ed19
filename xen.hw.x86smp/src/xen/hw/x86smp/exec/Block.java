package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.engine.CodeBlock;

/**
 * A decoded basic block: straight-line code in one page, keyed by machine frame and offset (never by virtual address, so all address
 * spaces share it). A block whose single instruction runs into the next page also names that page's frame.
 */
public final class Block extends CodeBlock {
    /** What the interpreter executes: {@link #plain} until the block is warm, then fused pairs can make it shorter. */
    Op[] ops;
    /** One op an instruction: partial execution at the end of a budget, single step. */
    Op[] plain;
    /** Where each instruction begins, counted from {@link #off}; and the end. */
    private short[] offsets;
    /** Instructions. */
    final byte count;
    /** Executions until it is warm; 0 when it is. */
    byte cold;
    /** Frame of the second page, or -1. */
    public final int crossFrame;
    /** Same-page successors, filled by the run loop: of the fall-through (or only) way and of the taken branch. */
    public Block fall, taken;
    /** Next block with the same hash in its frame. */
    Block chain;
    /** Its frame's code. */
    FrameCode home;

    Block(Insn[] insns, Op[] plain, int off, int bytes, int crossFrame, boolean longMode, long secondPage, int warm) {
        super(insns, off, bytes, longMode, secondPage);
        ops = plain;
        this.plain = plain;
        offsets = offsets(insns);
        count = (byte) insns.length;
        cold = (byte) warm;
        this.crossFrame = crossFrame;
    }

    /** Not decoded: {@code count} instructions that an engine knows. */
    Block(int count, int off, int bytes) {
        super(null, off, bytes, true, 0);
        this.count = (byte) count;
        crossFrame = -1;
    }

    /** Somebody needs the ops of a block that was not decoded. */
    void decoded(Insn[] insns, Op[] plain, int warm) {
        this.insns = insns;
        offsets = offsets(insns);
        this.plain = plain;
        ops = plain;
        cold = (byte) warm;
    }

    /** Page offset of instruction {@code k}, or of what follows the last one. */
    int off(int k) { return off + offsets[k]; }

    private static short[] offsets(Insn[] insns) {
        short[] all = new short[insns.length + 1];
        for (int k = 0; k < insns.length; k++) {
            all[k + 1] = (short) (all[k] + insns[k].length);
        }
        return all;
    }

    @Override public long host() { return home == null ? 0 : home.host + off; }

    @Override public Block neighbour(int off) { return home == null ? null : home.find(off, longMode); }
}
