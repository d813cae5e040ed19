package xen.hw.x86smp;

import xen.hw.x86smp.exec.CodeCache;
import xen.hw.x86smp.exec.InterpreterCpu;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Topology;

/** The x86-64 SMP machine with tier 0 as its engine. Everything it holds is a cache of the core's memory and contexts. */
public final class X86Smp implements Machine {
    @Override public String name() { return "x86smp"; }

    @Override public Board attach(MachineMemory memory, Topology topology, CpuCallbacks callbacks) {
        return new InterpreterBoard(memory, topology, callbacks);
    }

    private static final class InterpreterBoard implements Board {
        private final InterpreterCpu[] cpus;

        InterpreterBoard(MachineMemory memory, Topology topology, CpuCallbacks callbacks) {
            CodeCache code = new CodeCache(memory);
            cpus = new InterpreterCpu[topology.pcpus()];
            for (int i = 0; i < cpus.length; i++) {
                cpus[i] = new InterpreterCpu(i, memory, code, callbacks);
            }
        }

        @Override public Cpu cpu(int pcpu) { return cpus[pcpu]; }

        @Override public int[] cpuid(int leaf, int subleaf) { return CpuidTable.answer(leaf, subleaf); }

        @Override public void trace(BlockTrace trace) {
            for (InterpreterCpu c : cpus) {
                c.trace(trace);
            }
        }

        @Override public void close() {
            for (InterpreterCpu c : cpus) {
                c.free();
            }
        }
    }
}
