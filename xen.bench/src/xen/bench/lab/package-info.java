/**
 * The laboratory: scheduling experiments in virtual time. {@link xen.bench.lab.LabMachine} is a machine whose CPUs execute descriptions
 * of workloads ({@link xen.bench.lab.Step}) and issue real hypercalls, so thousands of domains go through the real core and scheduler;
 * {@link xen.bench.lab.Lab} runs a {@link xen.bench.lab.Setup}, {@link xen.bench.lab.Experiments} says what to compare.
 */
package xen.bench.lab;
