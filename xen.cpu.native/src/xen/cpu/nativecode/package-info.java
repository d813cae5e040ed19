/**
 * Tier 1 on x86-64 Linux: guest blocks re-encoded as host code. Every emitted memory access is either to the frame on the C stack, at a
 * constant offset, or through a host address taken from the software TLB right behind a matching compare for the access's size, so no
 * guest input can reach memory that is not its own. A miss of the TLB walks the page tables in a stub. Everything that is not plain (faults,
 * exits, odd instructions) leaves to tier 0 in front of the instruction, which keeps state precise and counts exact by construction.
 * Translations are kept in a file from run to run, keyed by code bytes ({@code CodeStore}).
 */
package xen.cpu.nativecode;
