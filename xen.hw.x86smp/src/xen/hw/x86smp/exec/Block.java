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
    /** Instructions. */
    final int count;
    /** Executions until it is warm; 0 when it is. */
    int cold;
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
        count = insns.length;
        cold = warm;
        this.crossFrame = crossFrame;
    }

    /** Not decoded: {@code count} instructions that an engine knows. */
    Block(int count, int off, int bytes) {
        super(null, off, bytes, true, 0);
        this.count = count;
        crossFrame = -1;
    }

    /** Somebody needs the ops of a block that was not decoded. */
    void decoded(Insn[] insns, Op[] plain, int warm) {
        this.insns = insns;
        this.plain = plain;
        ops = plain;
        cold = warm;
    }

    /** Offset of instruction {@code k} from the start of the page. */
    int insns(int k) { return plain[k].off(); }

    @Override public long host() { return home == null ? 0 : home.host + off; }

    @Override public Block neighbour(int off) { return home == null ? null : home.find(off, longMode); }
}
