/**
 * The hypercall table and the guest's memory as hypercalls see it. Each subject's package registers its own handlers here; services
 * fill the numbers that the core leaves free. One {@link xen.kernel.hypercall.HypercallFrame} a vCPU is reused for all its calls, so
 * that dispatch allocates nothing.
 */
package xen.kernel.hypercall;
