package xen.bench.lab;

import java.util.Random;
import xen.kernel.api.domain.Vcpu;

/** A vCPU of a workload domain: its program, where it is in it, and what it measured. On the machine's thread only. */
final class LabVcpu {
    final LabDomain domain;
    final Vcpu vcpu;
    final Program program;
    /** Its own, so that what it does never depends on the others. */
    final Random random;
    /** Event port that others notify, once bound. */
    int port;
    // where it is
    Step step;
    /** Instructions left of a computation. */
    long left;
    boolean entered;
    long round;
    /** Turns spent at the present lock since it came or was last woken. */
    long spunHere;
    /** Blocked at a paravirtual lock. */
    boolean parked;
    /** When what it sleeps for happens; the delay from then on is the wake-up latency. -1 = does not sleep. */
    long wakeAt = -1;
    int bootStep;
    // what it measured
    long operations;
    long spun;
    final Samples latencies = new Samples();
    private long ranBefore;

    LabVcpu(LabDomain domain, Vcpu vcpu, Program program, long seed) {
        this.domain = domain;
        this.vcpu = vcpu;
        this.program = program;
        random = new Random(seed);
    }

    /** The measured time begins. */
    void begin() {
        operations = 0;
        spun = 0;
        latencies.clear();
        ranBefore = vcpu.cpuNanos();
    }

    /** Nanoseconds that it ran in the measured time. */
    long ran() { return vcpu.cpuNanos() - ranBefore; }

    @Override public String toString() { return domain.spec.name() + "." + vcpu.id(); }
}
