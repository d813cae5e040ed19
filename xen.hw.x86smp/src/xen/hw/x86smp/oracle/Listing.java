package xen.hw.x86smp.oracle;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

import xen.hw.x86smp.decode.Decoder;
import xen.hw.x86smp.decode.Disassembler;
import xen.hw.x86smp.decode.Insn;
import xen.kernel.api.hw.Raw;

/** Disassembles a case's code for people. Not thread-safe. */
final class Listing {
    private static final int LONGEST = 15;

    private final Decoder decoder = new Decoder();
    private final Raw.Area area = Raw.allocate(Sandbox.WINDOW_SIZE + LONGEST);

    /** The first instruction of this code; null when it is cut short. */
    Insn first(byte[] code, boolean compat) {
        return decode(code, 0, compat);
    }

    private Insn decode(byte[] code, int at, boolean compat) {
        int n = code.length - at;
        Raw.put(area.address(), code, at, n);
        return decoder.decode(area.address(), n, compat ? Insn.MODE_32 : Insn.MODE_64);
    }

    /** Mnemonic of the first instruction. */
    String mnemonic(CpuCase c) {
        Insn i = first(c.code(), c.compat());
        return i == null ? "?" : name(i);
    }

    /** The instructions of a case in the order of their addresses, up to one that is cut short. */
    List<Insn> all(CpuCase c) {
        List<Insn> all = new ArrayList<>();
        Insn i;
        for (int at = 0; at < c.code().length && (i = decode(c.code(), at, c.compat())) != null; at += i.length) {
            all.add(i);
        }
        return all;
    }

    /** Mnemonic of the last instruction. */
    String last(CpuCase c) {
        List<Insn> all = all(c);
        return all.isEmpty() ? "?" : name(all.getLast());
    }

    private static String name(Insn i) {
        return i.op.name().toLowerCase(java.util.Locale.ROOT);
    }

    /** One line an instruction: address, bytes, text. */
    String text(byte[] code, long rip, boolean compat) {
        StringBuilder s = new StringBuilder();
        for (int at = 0; at < code.length;) {
            Insn i = decode(code, at, compat);
            int length = i == null ? code.length - at : Math.min(i.length, code.length - at);
            s.append("%x  %-30s %s%n".formatted(rip + at, HexFormat.of().formatHex(code, at, at + length),
                    i == null ? "?" : Disassembler.text(i, rip + at)));
            at += length;
        }
        return s.toString();
    }
}
