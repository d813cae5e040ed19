package xen.kernel.testing;

import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Topology;

/** A machine whose CPUs do what the test scripts; see {@link FakeCpu}. */
public class FakeMachine implements Machine {
    public FakeBoard board;

    @Override public String name() { return "fake"; }

    @Override public FakeBoard attach(MachineMemory memory, Topology topology, CpuCallbacks callbacks) {
        board = new FakeBoard(memory, topology, callbacks);
        return board;
    }

    /** The board; {@link #cpuid} announces everything, so that filters are seen to work. */
    public static final class FakeBoard implements Board {
        public final CpuCallbacks callbacks;
        private final FakeCpu[] cpus;
        public boolean closed;

        FakeBoard(MachineMemory memory, Topology topology, CpuCallbacks callbacks) {
            this.callbacks = callbacks;
            cpus = new FakeCpu[topology.pcpus()];
            for (int i = 0; i < cpus.length; i++) {
                cpus[i] = new FakeCpu(memory);
            }
        }

        @Override public FakeCpu cpu(int pcpu) { return cpus[pcpu]; }

        @Override public int[] cpuid(int leaf, int subleaf) {
            return switch (leaf) {
                case 0 -> new int[] {0x1f, 0x756e_6547, 0x6c65_746e, 0x4965_6e69};
                case 0x8000_0000 -> new int[] {0x8000_0021, 0, 0, 0};
                case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> new int[] {0x2020_2020, 0x2020_2020, 0x2020_2020, 0x2020_2020};
                default -> new int[] {-1, -1, -1, -1};
            };
        }

        @Override public void trace(BlockTrace trace) {}

        @Override public void close() { closed = true; }
    }
}
