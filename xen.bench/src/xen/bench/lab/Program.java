package xen.bench.lab;

/** A vCPU's endless program; asked for the next step each time one is finished. */
@FunctionalInterface
interface Program {
    Step next(LabVcpu self);
}
