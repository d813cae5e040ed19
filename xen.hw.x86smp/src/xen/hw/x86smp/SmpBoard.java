package xen.hw.x86smp;

import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.Translator;
import xen.hw.x86smp.exec.CodeCache;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Topology;

/** CPUs over one memory, with one code cache and at most one translator for all of them. Engine changes come with the CPUs stopped. */
final class SmpBoard implements Machine.Board {
    private static final Logger LOG = LoggerFactory.getLogger(SmpBoard.class);
    /** Tier 0, the machine's own. */
    private static final String INTERP = "interp", AUTO = "auto";
    /** Fastest first. */
    private static final List<String> PREFERENCE = List.of("native", "bytecode");

    private final X86Smp machine;
    private final CpuCallbacks callbacks;
    private final CodeCache code;
    private final InterpreterCpu[] cpus;
    private String wanted = INTERP;
    private Engine engine;
    private Translator translator;
    private boolean closed;

    SmpBoard(MachineMemory memory, Topology topology, CpuCallbacks callbacks, X86Smp machine, int warm) {
        this.machine = machine;
        this.callbacks = callbacks;
        code = new CodeCache(memory);
        cpus = new InterpreterCpu[topology.pcpus()];
        for (int i = 0; i < cpus.length; i++) {
            cpus[i] = new InterpreterCpu(i, memory, code, callbacks, warm);
        }
    }

    @Override public Cpu cpu(int pcpu) { return cpus[pcpu]; }

    @Override public int[] cpuid(int leaf, int subleaf) { return CpuidTable.answer(leaf, subleaf); }

    @Override public synchronized String engine() { return engine == null ? INTERP : engine.name(); }

    @Override public synchronized void engine(String name) {
        Map<String, Engine> there = machine.engines();
        if (!name.equals(INTERP) && !name.equals(AUTO)) {
            if (!there.containsKey(name)) {
                throw new IllegalArgumentException("there is no engine '" + name + "': there are " + INTERP
                        + String.join("", there.keySet().stream().map(n -> ", " + n).toList()));
            }
            try {
                use(there.get(name));
            } catch (Engine.UnavailableException e) {
                throw new IllegalArgumentException(e.getMessage());
            }
        }
        wanted = name;
        reselect();
    }

    void reselectQuiesced() { callbacks.quiesced(this::reselect); }

    private synchronized void reselect() {
        if (closed) {
            return;
        }
        Map<String, Engine> there = machine.engines();
        for (String name : wanted.equals(AUTO) ? PREFERENCE : List.of(wanted)) {
            Engine e = there.get(name);
            if (e != null) {
                try {
                    use(e);
                    return;
                } catch (Engine.UnavailableException x) {
                    LOG.info("{}", x.getMessage());
                }
            }
        }
        drop();
    }

    private void use(Engine e) throws Engine.UnavailableException {
        if (e == engine) {
            return;
        }
        checkStopped();
        Translator next = e.attach();
        drop();
        engine = e;
        translator = next;
        for (InterpreterCpu c : cpus) {
            c.engine(next);
        }
    }

    private void drop() {
        if (engine == null) {
            return;
        }
        checkStopped();
        for (InterpreterCpu c : cpus) {
            c.engine(null);
        }
        // closed first: an engine with threads of its own enters nothing any more
        translator.close();
        code.forgetEngine();
        engine = null;
        translator = null;
    }

    /** An engine's memory goes with it: better no change than one under a CPU that runs. */
    private void checkStopped() {
        for (InterpreterCpu c : cpus) {
            c.checkStopped();
        }
    }

    @Override public void trace(Machine.BlockTrace trace) {
        for (InterpreterCpu c : cpus) {
            c.trace(trace);
        }
    }

    @Override public synchronized void close() {
        checkStopped();
        machine.closed(this);
        closed = true;
        drop();
        for (InterpreterCpu c : cpus) {
            c.free();
        }
        code.free();
    }
}
