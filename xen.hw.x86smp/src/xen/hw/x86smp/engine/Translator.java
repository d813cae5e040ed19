package xen.hw.x86smp.engine;

/** An engine at work for one board. {@link #translate} and {@link #link} are called with the code cache's lock held. */
public interface Translator extends AutoCloseable {
    /** Executions in tier 0 before a block is to be translated, at least 1: what a translation costs should be earned back by about as many. */
    int threshold();

    /**
     * Translates a hot block: sets {@link CodeBlock#entry}, or leaves it 0 when the block is not worth it.
     *
     * @param near for an engine whose translations are more than the block
     * @return false when the code area is full: the caller drops every translation by {@link #reset} and goes on
     */
    boolean translate(CodeBlock block, Surroundings near);

    /** Translations of earlier runs, or null: there are none. Asked for once. */
    default KeptTranslations kept() { return null; }

    /** A CPU begins to use the translator: its frame, and its tier 0. Called with the code cache's lock held. */
    default void begin(long frame, Stepper stepper) { }

    /**
     * Runs from an entry; the frame is described in {@link EngineFrame}.
     *
     * @return the number of an exit point
     */
    int run(long frame, long entry);

    ExitPoint exit(int id);

    /** Connects a same-page jump's exit with its target's translation. */
    void link(ExitPoint from, CodeBlock target);

    /** Whether blocks with a {@link CodeBlock#secondPage} may be given to it. */
    default boolean takesCrossing() { return false; }

    /** What does a locked CMPXCHG16B, or null: then the other CPUs wait meanwhile. Asked for once. */
    default WideExchange wideExchange() { return null; }

    /** Forgets all translations; the caller has cleared every entry and jump cache. */
    void reset();

    /** Bytes of code in use, for reports. */
    long codeBytes();

    @Override void close();
}
