package xen.hw.x86smp.engine;

/** The code around a block as the CPU that wants it translated sees it now. */
public interface Surroundings {
    /**
     * The decoded block at an offset from the first byte of the block's page, or null. Below 0 and from 4096 it is in another page, which the CPU may see
     * elsewhere later: the translation has to look whether it is still there.
     */
    CodeBlock at(int off);

    /** Other CPUs run guest code at the same time. */
    boolean concurrent();
}
