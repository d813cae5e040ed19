package xen.hw.x86smp.engine;

import xen.hw.x86smp.decode.Insn;

/**
 * A decoded basic block as engines see it: straight-line code in one page, keyed by machine frame, never by virtual address, so
 * translations must be position-independent: the page of the code is in {@link EngineFrame#PAGE} at run time.
 */
public abstract class CodeBlock {
    /** Null while an engine runs the block by {@link KeptTranslations} bytes and nobody needed its instructions. */
    public Insn[] insns;
    /** Page offset of the first byte. */
    public final int off;
    /** Bytes of code. */
    public final int bytes;
    public final boolean longMode;
    /** Host address of the second page, when the block is one instruction that runs into it; 0 = it does not. Whether that is still the next page is checked at each entry. */
    public final long secondPage;
    /** False as soon as the bytes may have changed; a stale block is never entered again. Links inside a page die with the page. */
    public boolean valid = true;
    /** Where the engine's translation is entered; 0 = none. */
    public long entry;
    /** Number of its translation among {@link KeptTranslations}, -1 = it is not kept; the engine's own. */
    public int kept = -1;
    /** Bytes from its first on that its translation depends on: more than {@link #bytes} when it goes on in other blocks. Set with {@link #entry}. */
    public int span;
    /** Executions in tier 0 until a translation is asked for. */
    public int heat;

    protected CodeBlock(Insn[] insns, int off, int bytes, boolean longMode, long secondPage) {
        this.insns = insns;
        this.off = off;
        this.bytes = bytes;
        this.longMode = longMode;
        this.secondPage = secondPage;
    }

    /** Host address of its bytes, or 0; what is there may be changing. */
    public long host() { return 0; }

    /** The decoded block of the same frame and mode at a page offset, or null. Asked for under the code cache's lock. */
    public CodeBlock neighbour(int off) { return null; }
}
