package xen.hw.x86smp.oracle;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A case with the answer that silicon gave, as text, so that it can be replayed on any host.
 *
 * <p>Lines: {@code # comment}, {@code mode 64|32}, {@code code HEX}, {@code in NAME HEX},
 * {@code data ADDRESS HEX}, {@code end VECTOR ERROR CR2 RIP}, {@code defined FLAGS FSW INEXACT PAGE}
 * (see {@link Comparison.Defined}), {@code out NAME HEX}, {@code outdata ADDRESS HEX}. What is not said is as
 * in a new {@link CpuState}, zero, or unchanged.
 */
record Reproducer(String comment, CpuCase test, Outcome expected, Comparison.Defined defined) {
    private static final int LINE = 32;

    /** As text, ready to be saved. */
    String format() {
        StringBuilder b = new StringBuilder();
        comment.lines().forEach(l -> b.append("# ").append(l).append('\n'));
        b.append("mode ").append(test.compat() ? 32 : 64).append('\n');
        b.append("code ").append(HexFormat.of().formatHex(test.code())).append('\n');
        fields(b, "in", new CpuState(), test.start());
        bytes(b, "data", new byte[Sandbox.DATA_SIZE], test.data());
        b.append("end %d %x %x %x%n".formatted(expected.vector, expected.error, expected.cr2, expected.state.rip));
        b.append("defined %x %x %b %b%n".formatted(defined.flags(), defined.fsw(), defined.inexact(), defined.anyAddress()));
        CpuState out = new CpuState();
        out.copyFrom(expected.state);
        out.rip = test.start().rip;
        fields(b, "out", test.start(), out);
        bytes(b, "outdata", test.data(), expected.data);
        return b.toString();
    }

    private static void fields(StringBuilder b, String word, CpuState from, CpuState to) {
        for (String name : Fields.names()) {
            String value = Fields.get(to, name);
            if (!value.equals(Fields.get(from, name))) {
                b.append(word).append(' ').append(name).append(' ').append(value).append('\n');
            }
        }
    }

    private static void bytes(StringBuilder b, String word, byte[] from, byte[] to) {
        for (int at = 0; at < to.length; at += LINE) {
            if (!java.util.Arrays.equals(from, at, at + LINE, to, at, at + LINE)) {
                b.append("%s %x %s%n".formatted(word, Sandbox.DATA + at, HexFormat.of().formatHex(to, at, at + LINE)));
            }
        }
    }

    /** @throws IllegalArgumentException naming the line that is wrong */
    static Reproducer parse(String text) {
        StringBuilder comment = new StringBuilder();
        boolean compat = false;
        byte[] code = {};
        CpuState in = new CpuState();
        byte[] data = new byte[Sandbox.DATA_SIZE];
        Map<String, String> out = new TreeMap<>();
        List<String[]> outData = new ArrayList<>();
        String[] end = {"end", "-1", "0", "0", "0"};
        Comparison.Defined defined = Comparison.Defined.ALL;
        for (String line : text.lines().toList()) {
            String[] w = line.trim().split("\\s+");
            switch (w[0]) {
                case "" -> { }
                case "#" -> comment.append(line.substring(1).trim()).append('\n');
                case "mode" -> compat = w[1].equals("32");
                case "code" -> code = HexFormat.of().parseHex(w[1]);
                case "in" -> Fields.set(in, w[1], w[2]);
                case "data" -> poke(data, w);
                case "end" -> end = w;
                case "defined" -> defined = new Comparison.Defined(Long.parseUnsignedLong(w[1], 16), Integer.parseInt(w[2], 16),
                        Boolean.parseBoolean(w[3]), Boolean.parseBoolean(w[4]));
                case "out" -> out.put(w[1], w[2]);
                case "outdata" -> outData.add(w);
                default -> throw new IllegalArgumentException("not a line of a reproducer: " + line);
            }
        }
        CpuCase test = new CpuCase(code, compat, in, data);
        return new Reproducer(comment.toString().strip(), test, outcome(test, end, out, outData), defined);
    }

    private static Outcome outcome(CpuCase test, String[] end, Map<String, String> out, List<String[]> data) {
        Outcome o = new Outcome();
        o.vector = Integer.parseInt(end[1]);
        o.error = Long.parseUnsignedLong(end[2], 16);
        o.cr2 = Long.parseUnsignedLong(end[3], 16);
        o.state.copyFrom(test.start());
        out.forEach((name, value) -> Fields.set(o.state, name, value));
        o.state.rip = Long.parseUnsignedLong(end[4], 16);
        System.arraycopy(test.data(), 0, o.data, 0, o.data.length);
        data.forEach(w -> poke(o.data, w));
        return o;
    }

    private static void poke(byte[] data, String[] words) {
        byte[] b = HexFormat.of().parseHex(words[2]);
        System.arraycopy(b, 0, data, (int) (Long.parseUnsignedLong(words[1], 16) - Sandbox.DATA), b.length);
    }

    /** Differences of another outcome from the saved one; empty when they agree. */
    List<String> differences(Outcome got) {
        return Comparison.differences(test.compat(), defined, a -> false, expected, got);
    }
}
