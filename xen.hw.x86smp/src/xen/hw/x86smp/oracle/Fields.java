package xen.hw.x86smp.oracle;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The registers of a {@link CpuState} by name, as hexadecimal text: the vocabulary of reproducer files. */
final class Fields {
    /** A part of the FXSAVE image. */
    private record Part(int at, int length) {
    }

    private static final Map<String, Part> FX = parts();

    private Fields() {
    }

    private static Map<String, Part> parts() {
        Map<String, Part> m = new LinkedHashMap<>();
        m.put("fcw", new Part(CpuState.FCW, 2));
        m.put("fsw", new Part(CpuState.FSW, 2));
        m.put("ftw", new Part(CpuState.FTW, 1));
        m.put("mxcsr", new Part(CpuState.MXCSR, 4));
        for (int i = 0; i < 8; i++) {
            m.put("st" + i, new Part(CpuState.ST0 + 16 * i, 10));
        }
        for (int i = 0; i < 16; i++) {
            m.put("xmm" + i, new Part(CpuState.XMM0 + 16 * i, 16));
        }
        for (int i = 0; i < 16; i++) {
            m.put("ymmh" + i, new Part(CpuState.YMM_HIGH0 + 16 * i, 16));
        }
        return m;
    }

    /** All names, general registers first. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (int r = 0; r < 16; r++) {
            names.add(Comparison.register(r));
        }
        names.add("rip");
        names.add("rflags");
        names.addAll(FX.keySet());
        return names;
    }

    /** The value, highest digit first. */
    static String get(CpuState s, String name) {
        Part p = FX.get(name);
        if (p != null) {
            StringBuilder b = new StringBuilder();
            for (int i = p.length - 1; i >= 0; i--) {
                b.append("%02x".formatted(s.fx[p.at + i]));
            }
            return b.toString();
        }
        return "%x".formatted(switch (name) {
            case "rip" -> s.rip;
            case "rflags" -> s.rflags;
            default -> s.gpr[number(name)];
        });
    }

    static void set(CpuState s, String name, String value) {
        Part p = FX.get(name);
        if (p != null) {
            byte[] b = HexFormat.of().parseHex(value);
            if (b.length != p.length) {
                throw new IllegalArgumentException(name + " needs " + p.length + " bytes: " + value);
            }
            for (int i = 0; i < b.length; i++) {
                s.fx[p.at + p.length - 1 - i] = b[i];
            }
            return;
        }
        long v = Long.parseUnsignedLong(value, 16);
        switch (name) {
            case "rip" -> s.rip = v;
            case "rflags" -> s.rflags = v;
            default -> s.gpr[number(name)] = v;
        }
    }

    private static int number(String name) {
        for (int r = 0; r < 16; r++) {
            if (Comparison.register(r).equals(name)) {
                return r;
            }
        }
        throw new IllegalArgumentException("no register " + name);
    }
}
