package xen.bench.lab;

import java.util.function.Supplier;

/**
 * A workload domain to be made.
 *
 * @param weight relative share, 256 is usual
 * @param cap percent of one pCPU for each vCPU, 0 = none
 * @param program makes the domain's program; called once a domain, so that its vCPUs share locks and nobody else does
 */
record DomainSpec(String name, int vcpus, int weight, int cap, Supplier<Program> program) {
    DomainSpec(String name, int vcpus, Supplier<Program> program) { this(name, vcpus, 256, 0, program); }

    DomainSpec weight(int w) { return new DomainSpec(name, vcpus, w, cap, program); }

    DomainSpec cap(int percent) { return new DomainSpec(name, vcpus, weight, percent, program); }
}
