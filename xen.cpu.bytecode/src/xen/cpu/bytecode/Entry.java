package xen.cpu.bytecode;

import xen.hw.x86smp.engine.CodeBlock;

/** One way into a region, by which blocks, jump caches and links know it; and how much has been executed from there. */
final class Entry {
    final int id;
    final CodeBlock block;
    /** Which entry of its region. */
    final int at;
    /** Host address of its code; 0 = it is not to be found by that. */
    final long host;
    /** Instructions that may still retire from here until code of the better kind is worth its price. Counted without a lock: about. */
    long credit = Long.MAX_VALUE;
    /** Null until it is compiled. */
    Region region;
    /** The credit is used up: the next execution is tier 0's, which asks for a translation. */
    boolean wanted;
    /** What to enter instead. */
    Entry better;

    Entry(int id, CodeBlock block, int at) {
        this.id = id;
        this.block = block;
        host = block.host();
        this.at = at;
    }
}
