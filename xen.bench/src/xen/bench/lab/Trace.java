package xen.bench.lab;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import xen.kernel.api.control.TraceSink;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;

/** Every change of runstate in a run, and what can be computed from it. Times of different pCPUs come up to a window out of order. */
final class Trace implements TraceSink {
    /** One change; {@code vcpu} numbers vCPUs in the order in which they were first seen. */
    record Change(long time, int vcpu, RunState state, int pcpu) {}

    /** A stretch of time that a vCPU ran on a pCPU. */
    record Run(int vcpu, int pcpu, long from, long to) {}

    private final Map<Vcpu, Integer> numbers = new IdentityHashMap<>();
    private final java.util.ArrayList<Vcpu> vcpus = new java.util.ArrayList<>();
    private final java.util.ArrayList<Change> changes = new java.util.ArrayList<>();
    private final long limit;

    /** @param limit nothing is kept of later times */
    Trace(long limit) { this.limit = limit; }

    @Override public void exit(Vcpu vcpu, int exit) { }

    @Override public void hypercall(Vcpu vcpu, int number, long a0, long a1, long a2, long result) { }

    @Override public synchronized void runstate(Vcpu v, RunState next, int pcpu, long now) {
        if (now <= limit) {
            int n = numbers.computeIfAbsent(v, x -> {
                vcpus.add(x);
                return vcpus.size() - 1;
            });
            changes.add(new Change(now, n, next, pcpu));
        }
    }

    synchronized List<Change> changes() {
        Change[] all = changes.toArray(new Change[0]);
        Arrays.sort(all, Comparator.comparingLong(Change::time));
        return List.of(all);
    }

    synchronized List<Vcpu> vcpus() { return List.copyOf(vcpus); }

    /** Nanoseconds of pCPU time in [from, to) in which a pCPU idled while a vCPU waited to run. */
    long idleWhileWaiting(int pcpus, long from, long to) {
        Map<Integer, RunState> states = new HashMap<>();
        int running = 0;
        int waiting = 0;
        long last = from;
        long sum = 0;
        for (Change c : changes()) {
            long t = Math.clamp(c.time(), from, to);
            sum += (t - last) * Math.min(Math.max(0, pcpus - running), waiting);
            last = t;
            RunState old = states.put(c.vcpu(), c.state());
            running += (c.state() == RunState.RUNNING ? 1 : 0) - (old == RunState.RUNNING ? 1 : 0);
            waiting += (c.state() == RunState.RUNNABLE ? 1 : 0) - (old == RunState.RUNNABLE ? 1 : 0);
        }
        return sum + (to - last) * Math.min(Math.max(0, pcpus - running), waiting);
    }

    /** Who ran where in [from, to). */
    List<Run> runs(long from, long to) {
        List<Run> runs = new java.util.ArrayList<>();
        Map<Integer, Change> open = new HashMap<>();
        for (Change c : changes()) {
            Change o = open.remove(c.vcpu());
            if (o != null && c.time() > from && o.time() < to) {
                runs.add(new Run(o.vcpu(), o.pcpu(), Math.max(o.time(), from), Math.min(c.time(), to)));
            }
            if (c.state() == RunState.RUNNING) {
                open.put(c.vcpu(), c);
            }
        }
        open.values().forEach(o -> {
            if (o.time() < to) {
                runs.add(new Run(o.vcpu(), o.pcpu(), Math.max(o.time(), from), to));
            }
        });
        runs.sort(Comparator.comparingInt(Run::pcpu).thenComparingLong(Run::from));
        return runs;
    }
}
