package xen.kernel.api.domain;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A domain as the tool stack and plugins see it. Reads are safe on any thread; changes go through {@code Hypervisor}. */
public interface Domain {
    int id();
    String name();
    UUID uuid();
    DomainState state();
    List<? extends Vcpu> vcpus();
    /** Why it is in SHUTDOWN. */
    Optional<ShutdownReason> shutdownReason();
    /** The report of a crash: reason, registers, stack; many lines. */
    Optional<String> crashReport();
    /** Frames it owns. */
    long pages();
    /** Most frames it may own. */
    long maxPages();
    /** Event counts since creation by kind name ("exit.syscall", "hypercall.mmu_update", "upcalls", "flushes.needed", ...). */
    java.util.Map<String, Long> counters();
}
