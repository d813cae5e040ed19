package xen.kernel.api.control;

/**
 * Start state of vCPU 0 as the domain builder sets it (the used part of vcpu_guest_context).
 *
 * @param root mfn of the pinned L4 table
 */
public record VcpuStart(long rip, long rsp, long rsi, long root) {}
