package xen.cpu.bytecode;

import xen.kernel.api.hw.Raw;

/**
 * Read-modify-write at run time, atomic against all CPUs: 4 or 8 bytes at a host address. Values come and go sign-extended. Each is a full
 * fence, also when it stores nothing.
 */
final class Atomics {
    static final int ADD = 0, SUBTRACT = 1, AND = 2, OR = 3, XOR = 4, SET = 5;

    private Atomics() {}

    /** Stores {@code old op v}; returns old. */
    static long update(long host, long v, int op, int size) {
        while (true) {
            long old = read(host, size);
            long now = switch (op) {
                case ADD -> old + v;
                case SUBTRACT -> old - v;
                case AND -> old & v;
                case OR -> old | v;
                case XOR -> old ^ v;
                default -> v;
            };
            if (cas(host, size, old, now)) {
                return old;
            }
        }
    }

    /** Stores {@code v} if {@code want} is there; returns what was there. */
    static long exchange(long host, long want, long v, int size) {
        while (true) {
            long old = read(host, size);
            if (old != want) {
                Raw.fullFence();
                return old;
            }
            if (cas(host, size, old, v)) {
                return old;
            }
        }
    }

    private static long read(long host, int size) { return size == 8 ? Raw.get64(host) : Raw.get32(host); }

    private static boolean cas(long host, int size, long old, long v) {
        return size == 8 ? Raw.cas64(host, old, v) : Raw.cas32(host, (int) old, (int) v);
    }
}
