package xen.hw.x86smp.exec;

import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * MOVS, STOS, LODS, CMPS, SCAS, alone or repeated. A repeated one works in chunks that stay inside a page on every side, on host memory;
 * the registers are brought up to date behind each chunk, so a fault finds the instruction exactly where the silicon would restart it.
 * An element that crosses a page goes the ordinary way.
 */
final class StringOps extends Op {
    private static final int RAX = 0, RCX = 8, RSI = 48, RDI = 56;

    private final Opcode op;
    private final int size, seg;
    /** 0, 0xf2 or 0xf3. */
    private final int rep;
    private final long mask;
    private final boolean compat;
    private final boolean source, destination, compares;
    /** Address size 2 keeps the upper part of the registers. */
    private final int asz;

    /** @param seg slot of the source segment's base */
    StringOps(Opcode op, int size, int rep, int asz, int seg, boolean compat) {
        this.op = op;
        this.size = size;
        this.rep = rep;
        this.asz = asz;
        this.seg = seg;
        this.compat = compat;
        mask = Loc.mask(asz);
        source = op == Opcode.MOVS || op == Opcode.LODS || op == Opcode.CMPS;
        destination = op != Opcode.LODS;
        compares = op == Opcode.CMPS || op == Opcode.SCAS;
    }

    @Override public void exec(InterpreterCpu c) {
        boolean down = (c.other & LazyFlags.DF) != 0;
        if (rep == 0) {
            one(c, down);
            advance(c, 1, down);
            return;
        }
        long n;
        while ((n = Raw.get64(c.regs + RCX) & mask) != 0) {
            boolean step = c.stepping() || c.tag == Tlb.MISSES;
            long k = n == 1 || step ? 0 : chunk(c, n, down);
            long done;
            if (k == 0) {
                one(c, down);
                done = 1;
            } else {
                done = many(c, k, down);
            }
            advance(c, done, down);
            set(c, RCX, n - done);
            if (compares && FlagRules.zf(c) != (rep == 0xf3)) {
                return;
            }
            if (step && n > 1 && c.trapsBetween()) {
                // every iteration traps, and the instruction is still the next one
                throw c.stepped();
            }
        }
    }

    private long si(InterpreterCpu c) {
        long x = Raw.get64(c.regs + RSI) & mask;
        return compat ? c.compatLinear(seg, x) : x + Raw.get64(c.regs + seg);
    }

    private long di(InterpreterCpu c) {
        long x = Raw.get64(c.regs + RDI) & mask;
        return compat && c.segmented ? c.compatLinear(SlowAccess.slot(VcpuContext.ES), x) : x;
    }

    private void advance(InterpreterCpu c, long elements, boolean down) {
        long by = down ? -elements * size : elements * size;
        if (source) {
            set(c, RSI, Raw.get64(c.regs + RSI) + by);
        }
        if (destination) {
            set(c, RDI, Raw.get64(c.regs + RDI) + by);
        }
    }

    private void set(InterpreterCpu c, int reg, long v) {
        if (asz == 2) {
            Raw.put16(c.regs + reg, (int) v);
        } else {
            Raw.put64(c.regs + reg, v & mask);
        }
    }

    /** Elements, at most {@code n}, that lie whole in their pages from here on; 0 = not even one. */
    private long chunk(InterpreterCpu c, long n, boolean down) {
        n = n < 0 ? Long.MAX_VALUE : n;
        if (source) {
            n = Math.min(n, Math.min(room(si(c), down), beforeWrap(c, RSI, down)));
        }
        if (destination) {
            n = Math.min(n, Math.min(room(di(c), down), beforeWrap(c, RDI, down)));
        }
        return n;
    }

    /** Elements until a 16- or 32-bit pointer wraps, which it does before the segment's base is added. */
    private long beforeWrap(InterpreterCpu c, int pointer, boolean down) {
        if (asz == 8) {
            return Long.MAX_VALUE;
        }
        long offset = Raw.get64(c.regs + pointer) & mask;
        return down ? offset / size + 1 : (mask - offset + 1) / size;
    }

    private long room(long va, boolean down) {
        int off = (int) va & 4095;
        if (down) {
            return off + size > 4096 ? 0 : off / size + 1;
        }
        return (4096 - off) / size;
    }

    private void one(InterpreterCpu c, boolean down) {
        switch (op) {
            case MOVS -> {
                long v = StringMemory.load(c, size, si(c));
                StringMemory.store(c, size, di(c), v);
            }
            case STOS -> StringMemory.store(c, size, di(c), Raw.get64(c.regs));
            case LODS -> accumulator(c, StringMemory.load(c, size, si(c)));
            case CMPS -> {
                long a = StringMemory.load(c, size, si(c));
                compare(c, a, StringMemory.load(c, size, di(c)));
            }
            default -> compare(c, Loc.signed(c.regs, size), StringMemory.load(c, size, di(c)));
        }
    }

    private void accumulator(InterpreterCpu c, long v) {
        if (size == 4) {
            Raw.put64(c.regs + RAX, v & 0xffff_ffffL);
        } else {
            Loc.store(c.regs + RAX, size, v);
        }
    }

    private void compare(InterpreterCpu c, long a, long b) {
        FlagRules.set(c, FlagRules.SUB, Loc.signed(size, a - b), a, b);
    }

    /** Works on {@code n} elements on host memory; returns how many were done (a comparison may stop early). */
    private long many(InterpreterCpu c, long n, boolean down) {
        int bytes = (int) n * size;
        // Lowest address of each side: with DF the pointer is at the highest element.
        long back = down ? bytes - size : 0;
        if (down) {
            probe(c);
        }
        long s = source ? c.hostRead(si(c) - back, bytes) : 0;
        switch (op) {
            case MOVS -> {
                long d = c.rmw(di(c) - back, bytes);
                StringMemory.move(s, d, bytes, size, down);
            }
            case STOS -> StringMemory.fill(c.rmw(di(c) - back, bytes), bytes, size, Raw.get64(c.regs));
            case LODS -> accumulator(c, Loc.signed(down ? s : s + bytes - size, size));
            case CMPS -> {
                long d = c.hostRead(di(c) - back, bytes);
                return compareMany(c, s, d, (int) n, down);
            }
            default -> {
                return compareMany(c, 0, c.hostRead(di(c) - back, bytes), (int) n, down);
            }
        }
        return n;
    }

    /** Going down, a fault must name the element the silicon would touch first, not the chunk's lowest byte. */
    private void probe(InterpreterCpu c) {
        if (source) {
            c.hostRead(si(c), size);
        }
        if (compares) {
            c.hostRead(di(c), size);
        } else if (destination) {
            c.rmw(di(c), size);
        }
    }

    /** {@code s} = 0: SCAS, against the accumulator. */
    private long compareMany(InterpreterCpu c, long s, long d, int n, boolean down) {
        boolean whileEqual = rep == 0xf3;
        int step = down ? -size : size, at = down ? (n - 1) * size : 0;
        long a = Loc.signed(c.regs, size), b = 0;
        int done = 0;
        if (size == 1 && s != 0 && whileEqual && !down) {
            done = StringMemory.equalBytes(s, d, n - 1);
            at = done;
        }
        while (done < n) {
            if (s != 0) {
                a = Loc.signed(s + at, size);
            }
            b = Loc.signed(d + at, size);
            at += step;
            done++;
            if ((a == b) != whileEqual) {
                break;
            }
        }
        compare(c, a, b);
        return done;
    }
}
