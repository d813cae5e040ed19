package xen.hw.x86smp.oracle;

import xen.hw.x86smp.X86Smp;
import xen.hw.x86smp.engine.Engine;

/**
 * What is compared with silicon: the interpreter, or an engine on top of it.
 *
 * @param engine null for the interpreter
 * @param strict what the manuals leave undefined in RFLAGS is compared too: on hosts of the vendor that the machine announces
 */
public record Subject(Engine engine, boolean strict) {
    /** Runs in front of the one that counts: the first is interpreted and translated, the second connects jumps. */
    private static final int WARM_UP = 2;

    public static final Subject INTERPRETER = new Subject(null);

    public Subject(Engine engine) {
        this(engine, false);
    }

    /** The same, compared in undefined flags too. */
    public Subject strictly() {
        return new Subject(engine, true);
    }

    EngineCpu open() {
        X86Smp machine = new X86Smp(1);
        if (engine == null) {
            return new EngineCpu(machine);
        }
        machine.add(new EagerEngine(engine));
        return new EngineCpu(machine, engine.name(), WARM_UP);
    }
}
