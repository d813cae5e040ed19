package xen.kernel.sched;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.VcpuImpl;

/**
 * Guests that are Java: each vCPU alternates between a number of instructions and an action, which runs as a hypercall would. A vCPU
 * without a program computes for ever. Also a board of CPUs that run them, and the exit handler that runs the actions.
 */
final class Script implements Machine.Board, GuestExits {
    /** One vCPU's endless loop: {@code instructions}, then {@code action}. */
    record Program(long instructions, Consumer<VcpuImpl> action) {}

    final Map<Long, Program> programs = new HashMap<>();
    private final Map<Long, Long> done = new HashMap<>();
    final StringBuilder trace = new StringBuilder();
    boolean tracing;
    private final Cpu[] cpus;
    /** vCPU contexts inside run() now: none may be there twice. */
    private final java.util.Set<Long> inside = java.util.concurrent.ConcurrentHashMap.newKeySet();
    volatile String broken;

    Script(int pcpus) {
        cpus = new Cpu[pcpus];
        for (int i = 0; i < pcpus; i++) {
            cpus[i] = new ScriptCpu(i);
        }
    }

    void program(VcpuImpl v, long instructions, Consumer<VcpuImpl> action) { programs.put(v.context.base, new Program(instructions, action)); }

    @Override public void handle(VcpuImpl v, int pcpu, int exit) {
        if (exit == Exit.SYSCALL) {
            programs.get(v.context.base).action.accept(v);
        }
        if (tracing) {
            trace.append(v).append('@').append(pcpu).append(' ').append(v.domain.core.clock.cycles()).append(' ').append(exit).append('\n');
        }
    }

    @Override public void resume(VcpuImpl v, int pcpu) { }

    @Override public Cpu cpu(int pcpu) { return cpus[pcpu]; }
    @Override public int[] cpuid(int leaf, int subleaf) { return new int[4]; }
    @Override public void trace(Machine.BlockTrace t) { }
    @Override public void close() { }

    private final class ScriptCpu implements Cpu {
        private final int id;

        ScriptCpu(int id) { this.id = id; }

        @Override public int run(VcpuContext c, long budget) {
            if (!inside.add(c.base)) {
                broken = "a vCPU runs on two pCPUs";
            }
            try {
                if (c.get32(VcpuContext.ATTENTION) != 0) {
                    c.put32(VcpuContext.ATTENTION, 0);
                    return Exit.ATTENTION;
                }
                Program p = programs.get(c.base);
                if (p == null) {
                    c.put64(VcpuContext.RETIRED, c.retired() + budget);
                    return Exit.BUDGET;
                }
                long at = done.getOrDefault(c.base, 0L);
                long n = Math.min(budget, p.instructions - at);
                c.put64(VcpuContext.RETIRED, c.retired() + n);
                boolean end = at + n == p.instructions;
                done.put(c.base, end ? 0 : at + n);
                return end ? Exit.SYSCALL : Exit.BUDGET;
            } finally {
                inside.remove(c.base);
            }
        }

        @Override public int stepWithStoreHook(VcpuContext c, long page, StoreHook hook) { return Exit.BUDGET; }
        @Override public void rootChanged(VcpuContext c) { }
        @Override public void flushPage(VcpuContext c, long va) { }
        @Override public void flushAll() { }
        @Override public long translate(VcpuContext c, long va, int access) { return -1; }
        @Override public void contentChanged(int mfn) { }
        @Override public String toString() { return "pCPU " + id; }
    }
}
