package xen.cpu.bytecode;

import org.osgi.service.component.annotations.Component;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.Translator;

/** The engine {@code bytecode}: guest code as JVM bytecode, on any host. */
@Component(property = "xen.engine=bytecode")
public final class BytecodeEngine implements Engine {
    private static final int THRESHOLD = 4000;

    private final int threshold;

    public BytecodeEngine() { this(Integer.getInteger("xen.bytecode.threshold", THRESHOLD)); }

    /** @param threshold executions of a block in tier 0 before a region is made from it */
    BytecodeEngine(int threshold) { this.threshold = threshold; }

    @Override public String name() { return "bytecode"; }

    @Override public Translator attach() { return new BytecodeTranslator(threshold); }
}
