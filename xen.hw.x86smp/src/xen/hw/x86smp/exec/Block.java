package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Insn;

/**
 * A decoded basic block: straight-line code in one page, keyed by machine frame and offset (never by virtual address, so all address
 * spaces share it). A block whose single instruction runs into the next page also names that page's frame.
 */
public final class Block {
    public final Insn[] insns;
    /** What the interpreter executes; fused pairs make it shorter than {@link #plain}. */
    public final Op[] ops;
    /** One op an instruction: partial execution at the end of a budget, single step. */
    public final Op[] plain;
    /** Page offset of the first byte. */
    public final int off;
    /** Bytes of code. */
    public final int bytes;
    /** Frame of the second page, or -1. */
    public final int crossFrame;
    public final boolean longMode;
    /** False as soon as the bytes may have changed; a stale block is never entered again. Links inside a page die with the page. */
    public boolean valid = true;
    /** Same-page successors, filled by the run loop: of the fall-through (or only) way and of the taken branch. */
    public Block fall, taken;
    /** Next block with the same hash in its frame. */
    Block chain;

    public Block(Insn[] insns, Op[] ops, Op[] plain, int off, int bytes, int crossFrame, boolean longMode) {
        this.insns = insns;
        this.ops = ops;
        this.plain = plain;
        this.off = off;
        this.bytes = bytes;
        this.crossFrame = crossFrame;
        this.longMode = longMode;
    }

    /** Instructions. */
    public int count() { return plain.length; }
}
