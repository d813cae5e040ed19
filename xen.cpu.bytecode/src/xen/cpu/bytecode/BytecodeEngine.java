package xen.cpu.bytecode;

import org.osgi.service.component.annotations.Component;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.Translator;

/** The engine {@code bytecode}: guest code as JVM bytecode, on any host. */
@Component(property = "xen.engine=bytecode")
public final class BytecodeEngine implements Engine {
    /** C1 takes some 60 us for an instruction, and tier 0 some 10 ns longer than its code: earned back after a few thousand executions. */
    private static final int THRESHOLD = 2_000;
    /** C2 takes 320 us for an instruction, and C1's code about 1 ns longer than its. */
    private static final int HOT = 200_000;

    private final int threshold, hot;
    private boolean steering;

    public BytecodeEngine() { this(Integer.getInteger("xen.bytecode.threshold", THRESHOLD), Integer.getInteger("xen.bytecode.hot", HOT)); }

    /**
     * @param threshold executions of a block in tier 0 before a region for C1 is made from it
     * @param hot executions of an entry's instructions before one for C2 is
     */
    BytecodeEngine(int threshold, int hot) {
        this.threshold = threshold;
        this.hot = hot;
    }

    @Override public String name() { return "bytecode"; }

    @Override public synchronized Translator attach() {
        if (!steering) {
            steering = true;
            Steering.begin();
        }
        return new BytecodeTranslator(threshold, hot);
    }
}
