package xen.toolstack.domain;

import java.util.Optional;
import xen.kernel.api.control.SymbolSource;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.image.KernelImage;
import xen.toolstack.image.SymbolTable;

/**
 * The names of a domain's kernel. The kernel is read again when the first name is asked for: keeping it for a crash that may never come
 * would cost tens of megabytes.
 */
final class KernelSymbols implements SymbolSource {
    private final DomainSpec spec;
    private SymbolTable table;

    KernelSymbols(DomainSpec spec) { this.spec = spec; }

    @Override public synchronized Optional<String> name(long va) {
        if (table == null) {
            table = load();
        }
        return table.name(va);
    }

    private SymbolTable load() {
        try {
            return spec.symbols() == null ? KernelImage.read(spec.kernel()).symbols() : SymbolTable.read(spec.symbols());
        } catch (RuntimeException e) {
            // the file changed or went meanwhile: a report without names is better than none
            return SymbolTable.empty();
        }
    }
}
