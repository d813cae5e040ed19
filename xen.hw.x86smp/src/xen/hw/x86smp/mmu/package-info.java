/** Page walks over the guest's real tables and the software TLB with separate read, write and execute tags. */
package xen.hw.x86smp.mmu;
