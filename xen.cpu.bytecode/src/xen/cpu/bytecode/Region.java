package xen.cpu.bytecode;

import xen.hw.x86smp.engine.CodeBlock;

/** Translated code of one region; subclasses are hidden classes, unloaded when the translator drops them. */
public abstract class Region {
    /** Its blocks: looked at before a jump from page to page, and named to tier 0. Set before the first run. */
    public CodeBlock[] blocks;

    /**
     * Runs from one of the region's entries.
     *
     * @return number of the exit taken, or its complement: a jump that left the region, with RIP in the registers
     */
    public abstract int run(Registers s, int at);
}
