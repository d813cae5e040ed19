package xen.hw.x86smp.engine;

/** A power of engines with host code: Java has no atomic access to 16 bytes. */
@FunctionalInterface
public interface WideExchange {
    /** A locked CMPXCHG16B of the register file {@code file} with 16 aligned bytes at host address {@code address}; true when equal. */
    boolean exchange(long file, long address);
}
