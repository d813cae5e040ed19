package xen.cpu.bytecode;

/** Translated code of one region; subclasses are hidden classes, unloaded when the translator drops them. */
public abstract class Region {
    /**
     * Runs from the region's first instruction; {@code frame} is the {@link xen.hw.x86smp.engine.EngineFrame}.
     *
     * @return number of the exit taken, or its complement: a jump that left the region, with RIP in the frame
     */
    public abstract int run(long frame);
}
