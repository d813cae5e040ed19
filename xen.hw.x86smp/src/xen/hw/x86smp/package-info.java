/** The x86-64 SMP machine: CPUs, MMU, and the interpreter (tier 0) that is the oracle of every other engine. */
package xen.hw.x86smp;
