/**
 * What happens after the CPU left the guest: hypercall or system call, exceptions, privileged instructions, event upcalls; and the
 * guest's way back by iret. The hottest part of the core: no allocation, few branches; state is per vCPU in
 * {@link xen.kernel.trap.TrapState}, everything runs on the pCPU's thread under the core's lock.
 */
package xen.kernel.trap;
