package xen.kernel.api.control;

import java.util.Optional;

/** Names of a guest kernel's code and data, for crash reports and debuggers. Called rarely, on any thread, possibly under the core's lock. */
@FunctionalInterface
public interface SymbolSource {
    /** For example {@code start_kernel+0x1c}; empty for an address outside the kernel. */
    Optional<String> name(long va);
}
