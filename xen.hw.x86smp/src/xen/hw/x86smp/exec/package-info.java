/**
 * Tier 0: the decoded-block interpreter. It covers the whole instruction set, takes precise faults, counts exactly, and is the oracle
 * for every other engine. Blocks are bound to handlers once and shared by all CPUs; a CPU owns its TLB and lookup caches only.
 */
package xen.hw.x86smp.exec;
