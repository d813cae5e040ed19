package xen.hw.x86smp.exec;

import xen.kernel.api.hw.Raw;

/**
 * A general operand of any size, register or memory, for the handlers that are not specialised: both become a host address. Reads come
 * sign-extended. Immutable.
 */
final class Loc {
    /** Byte offset in the register file; AH to BH are odd. */
    final short off;
    /** Null for a register. */
    final Ea ea;
    final byte size;

    Loc(int off, Ea ea, int size) {
        this.off = (short) off;
        this.ea = ea;
        this.size = (byte) size;
    }

    boolean memory() { return ea != null; }

    long readHost(InterpreterCpu c) { return ea == null ? c.regs + off : c.hostRead(ea.of(c), size); }

    long rmwHost(InterpreterCpu c) { return ea == null ? c.regs + off : c.rmw(ea.of(c), size); }

    /** {@link #rmwHost} for {@link #cas} when {@code lock}. */
    long rmwHost(InterpreterCpu c, boolean lock) { return lock && ea != null ? c.rmwLocked(ea.of(c), size) : rmwHost(c); }

    long get(InterpreterCpu c) { return signed(readHost(c), size); }

    /** Zero-extended. */
    long getU(InterpreterCpu c) { return unsigned(readHost(c), size); }

    void put(InterpreterCpu c, long v) {
        if (ea == null) {
            commit(c.regs + off, v);
        } else {
            long va = ea.of(c);
            switch (size) {
                case 1 -> c.store8(va, (int) v);
                case 2 -> c.store16(va, (int) v);
                case 4 -> c.store32(va, (int) v);
                default -> c.store64(va, v);
            }
        }
    }

    /** Writes to the host address that {@link #rmwHost} gave; a 32-bit register loses its upper half. */
    void commit(long host, long v) {
        if (ea == null && size == 4) {
            Raw.put64(host, v & 0xffff_ffffL);
        } else {
            store(host, size, v);
        }
    }

    /** Atomic exchange of {@code old} for {@code v} at the host address that {@link #rmwHost} gave. */
    boolean cas(long host, long old, long v) { return cas(host, size, old, v); }

    static long signed(long host, int size) {
        return switch (size) {
            case 1 -> (byte) Raw.get8(host);
            case 2 -> (short) Raw.get16(host);
            case 4 -> Raw.get32(host);
            default -> Raw.get64(host);
        };
    }

    static long unsigned(long host, int size) {
        return switch (size) {
            case 1 -> Raw.get8(host);
            case 2 -> Raw.get16(host);
            case 4 -> Raw.getU32(host);
            default -> Raw.get64(host);
        };
    }

    static void store(long host, int size, long v) {
        switch (size) {
            case 1 -> Raw.put8(host, (int) v);
            case 2 -> Raw.put16(host, (int) v);
            case 4 -> Raw.put32(host, (int) v);
            default -> Raw.put64(host, v);
        }
    }

    static long signed(int size, long v) {
        return switch (size) {
            case 1 -> (byte) v;
            case 2 -> (short) v;
            case 4 -> (int) v;
            default -> v;
        };
    }

    static long mask(int size) { return size == 8 ? -1L : (1L << size * 8) - 1; }

    /** Bytes and words are exchanged inside the aligned doubleword (or quadword) that holds them. */
    static boolean cas(long host, int size, long old, long v) {
        if (size == 8) {
            return Raw.cas64(host, old, v);
        }
        if (size == 4) {
            return Raw.cas32(host, (int) old, (int) v);
        }
        long word = host & -8;
        int shift = (int) (host & 7) * 8;
        if (shift + size * 8 > 64) {
            word = host & -2;
            shift = (int) (host & 1) * 8;
        }
        long m = mask(size) << shift;
        long before = Raw.get64(word);
        if ((before & m) >>> shift != (old & mask(size))) {
            return false;
        }
        return Raw.cas64(word, before, before & ~m | v << shift & m);
    }
}
