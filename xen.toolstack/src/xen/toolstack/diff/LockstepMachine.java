package xen.toolstack.diff;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;

/** One side: a machine with a fixed engine whose CPU 0 runs in slices and meets the other side behind each. */
final class LockstepMachine implements Machine {
    private final Machine inner;
    private final String engine;
    private final int side;
    private final Lockstep lockstep;

    LockstepMachine(Machine inner, String engine, int side, Lockstep lockstep) {
        this.inner = inner;
        this.engine = engine;
        this.side = side;
        this.lockstep = lockstep;
    }

    @Override public String name() { return inner.name(); }

    @Override public Board attach(MachineMemory memory, Topology topology, CpuCallbacks callbacks) {
        lockstep.memory(side, memory);
        Board board = inner.attach(memory, topology, callbacks);
        board.engine(engine);
        Cpu cpu = new SlicedCpu(board.cpu(0));
        return new Board() {
            @Override public Cpu cpu(int pcpu) { return cpu; }

            @Override public int[] cpuid(int leaf, int subleaf) { return board.cpuid(leaf, subleaf); }

            @Override public String engine() { return board.engine(); }

            // the side's engine is fixed, whatever the core would choose
            @Override public void engine(String name) { }

            @Override public void trace(BlockTrace trace) { board.trace(trace); }

            @Override public void close() { board.close(); }
        };
    }

    private final class SlicedCpu implements Cpu {
        private final Cpu cpu;

        SlicedCpu(Cpu cpu) { this.cpu = cpu; }

        @Override public int run(VcpuContext v, long budget) {
            if (!lockstep.running()) {
                return cpu.run(v, budget);
            }
            long end = v.retired() + budget;
            int exit;
            do {
                exit = cpu.run(v, Math.min(end - v.retired(), lockstep.slice(v)));
                lockstep.meet(side, v, exit);
            } while (exit == Exit.BUDGET && v.retired() < end);
            return exit;
        }

        @Override public int stepWithStoreHook(VcpuContext v, long page, StoreHook hook) { return cpu.stepWithStoreHook(v, page, hook); }

        @Override public void rootChanged(VcpuContext v) { cpu.rootChanged(v); }

        @Override public void spaceChanged(VcpuContext v, int keep, long userSpace) { cpu.spaceChanged(v, keep, userSpace); }

        @Override public void forgetFrame(int mfn) { cpu.forgetFrame(mfn); }

        @Override public void flushPage(VcpuContext v, long va) { cpu.flushPage(v, va); }

        @Override public void flushAll() { cpu.flushAll(); }

        @Override public long translate(VcpuContext v, long va, int access) { return cpu.translate(v, va, access); }

        @Override public void contentChanged(int mfn) { cpu.contentChanged(mfn); }
    }
}
