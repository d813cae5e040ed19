package xen.hw.x86smp.engine;

/**
 * A power of engines that keep translations from run to run: those that are there before a block was ever decoded, because the code bytes are the same. Only
 * for 64-bit code, and called by a CPU that is alone. Each has a number, and the others that were in use in the same page stand beside it in a ring.
 */
public interface KeptTranslations {
    /**
     * @param code host address of the bytes, {@code off} their page offset; a translation of more bytes than are in the page does not match
     * @return the number of one that no block has yet, or -1
     */
    int find(long code, int off);

    /** Whether no block has it, and the page at this host address has its bytes. */
    boolean fits(int number, long page);

    /** Page offset of its code. */
    int off(int number);

    /** Bytes of code. */
    int bytes(int number);

    int instructions(int number);

    /** The next one in the ring. */
    int beside(int number);

    /** Gives it to the block of these bytes: sets {@link CodeBlock#entry}. */
    void adopt(int number, CodeBlock block);

    /** Takes the translation from a block that was dropped: nothing leads to it, and no CPU is in it. */
    void release(CodeBlock block);

    /** Connects the jumps of one that was adopted with the blocks that are there now. */
    void connect(int number);
}
