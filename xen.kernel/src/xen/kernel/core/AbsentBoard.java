package xen.kernel.core;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.VcpuContext;

/** In place of a board while no machine is there: pCPUs that hold no caches and execute nothing. The pCPU loops are stopped then. */
final class AbsentBoard implements Machine.Board, Cpu {
    @Override public Cpu cpu(int pcpu) { return this; }

    @Override public int[] cpuid(int leaf, int subleaf) { return new int[4]; }

    @Override public void trace(Machine.BlockTrace trace) { /* nothing to observe */ }

    @Override public void close() { /* holds nothing */ }

    @Override public int run(VcpuContext vcpu, long budget) { return Exit.ATTENTION; }

    @Override public int stepWithStoreHook(VcpuContext vcpu, long page, StoreHook hook) { return Exit.ATTENTION; }

    @Override public void rootChanged(VcpuContext vcpu) { /* no cache */ }

    @Override public void forgetFrame(int mfn) { /* no cache */ }

    @Override public void flushPage(VcpuContext vcpu, long va) { /* no cache */ }

    @Override public void flushAll() { /* no cache */ }

    @Override public long translate(VcpuContext vcpu, long va, int access) { return -1; }

    @Override public void contentChanged(int mfn) { /* no cache */ }
}
