package xen.cpu.bytecode;

import org.osgi.service.component.annotations.Component;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.Translator;

/** The engine {@code bytecode}: guest code as JVM bytecode, on any host. */
@Component(property = "xen.engine=bytecode")
public final class BytecodeEngine implements Engine {
    /**
     * What C2 takes for a guest instruction (320 us) is earned back after some 75,000 executions in tier 0 when it works beside it on the same
     * CPU, sooner on one of its own.
     */
    private static final int THRESHOLD = 30_000;

    private final int threshold;

    public BytecodeEngine() { this(Integer.getInteger("xen.bytecode.threshold", THRESHOLD)); }

    /** @param threshold executions of a block in tier 0 before a region is made from it */
    BytecodeEngine(int threshold) { this.threshold = threshold; }

    @Override public String name() { return "bytecode"; }

    @Override public Translator attach() { return new BytecodeTranslator(threshold); }
}
