package xen.kernel.api.control;

/**
 * What a swap did.
 *
 * @param pauseNanos host nanoseconds during which no vCPU could run
 * @param vcpus vCPUs handed over
 */
public record SwapReport(String from, String to, long pauseNanos, int vcpus) {}
