package xen.toolstack.trace;

import java.util.Optional;

/** Names of kernel addresses, kept in a direct-mapped table: a trace asks for the same few thousand again and again. One thread at a time. */
final class SymbolCache {
    /** Where names come from: {@code name+0xoffset} of an address in a domain's kernel. */
    @FunctionalInterface
    public interface Source {
        Optional<String> name(int domid, long va);
    }

    private static final int SIZE = 1 << 16;

    private final Source source;
    private final long[] addresses = new long[SIZE];
    private final int[] domids = new int[SIZE];
    private final String[] names = new String[SIZE];

    SymbolCache(Source source) { this.source = source; }

    /** The name, or "" for an address that has none. */
    String of(int domid, long va) {
        int i = (int) (va ^ va >>> 16 ^ domid * 0x9e37L) & SIZE - 1;
        if (names[i] == null || addresses[i] != va || domids[i] != domid) {
            addresses[i] = va;
            domids[i] = domid;
            names[i] = source.name(domid, va).orElse("");
        }
        return names[i];
    }
}
