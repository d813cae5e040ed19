package xen.bench.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The kinds of workload domains; instructions and nanoseconds are the same at the laboratory's 1 GHz. */
final class Workloads {
    private Workloads() {}

    /** Computes without end; an operation is {@code burst} instructions. */
    static Supplier<Program> compute(long burst) {
        return () -> new Script() {
            @Override void loop(LabVcpu v) {
                compute(around(v, burst));
                done();
            }
        };
    }

    /** Computes and sleeps; both vary by half around their mean. */
    static Supplier<Program> bursts(long work, long sleep) {
        return () -> new Script() {
            @Override void loop(LabVcpu v) {
                compute(around(v, work));
                done();
                add(new Step.Sleep(around(v, sleep)));
            }
        };
    }

    /** Every vCPU works outside, then inside of one lock of the domain's. */
    static Supplier<Program> spin(long outside, long inside, boolean pv) {
        return () -> {
            SpinLock lock = new SpinLock(pv);
            return new Script() {
                @Override void loop(LabVcpu v) {
                    compute(around(v, outside));
                    add(new Step.Lock(lock));
                    compute(around(v, inside));
                    add(new Step.Unlock(lock));
                    done();
                }
            };
        };
    }

    /** A parallel program in steps: everybody works, and spins until all have. */
    static Supplier<Program> barrier(long work, int parties) {
        return () -> {
            SpinBarrier barrier = new SpinBarrier(parties);
            return new Script() {
                @Override void loop(LabVcpu v) {
                    compute(around(v, work));
                    add(new Step.Meet(barrier));
                    done();
                }
            };
        };
    }

    /** Half to one and a half of {@code mean}, evenly. */
    private static long around(LabVcpu v, long mean) { return Math.max(1, mean / 2 + (long) (v.random.nextDouble() * mean)); }

    /** A program that writes a loop's steps at a time, for each vCPU apart. */
    private abstract static class Script implements Program {
        private final List<List<Step>> pending = new ArrayList<>();
        private final List<Integer> at = new ArrayList<>();
        private List<Step> current;

        abstract void loop(LabVcpu v);

        final void add(Step s) { current.add(s); }

        final void compute(long n) { add(new Step.Compute(n)); }

        final void done() { add(new Step.Done()); }

        @Override public final Step next(LabVcpu v) {
            int id = v.vcpu.id();
            while (pending.size() <= id) {
                pending.add(new ArrayList<>());
                at.add(0);
            }
            current = pending.get(id);
            int i = at.get(id);
            if (i == current.size()) {
                current.clear();
                loop(v);
                i = 0;
            }
            at.set(id, i + 1);
            return current.get(i);
        }
    }
}
