package xen.kernel.api.control;

import java.util.UUID;

/**
 * What DOMCTL_createdomain takes.
 *
 * @param maxPages most frames of 4 KiB that the domain may own
 * @param vcpus number of vCPUs, 1 to 128 (only vCPU 0 starts up)
 */
public record DomainConfig(String name, UUID uuid, long maxPages, int vcpus, boolean privileged) {
    public DomainConfig {
        if (vcpus < 1 || vcpus > 128) {
            throw new IllegalArgumentException("vcpus = " + vcpus + ": 1 to 128 are possible");
        }
    }
}
