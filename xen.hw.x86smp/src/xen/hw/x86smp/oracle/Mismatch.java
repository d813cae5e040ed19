package xen.hw.x86smp.oracle;

import java.util.HexFormat;
import java.util.List;

/**
 * An engine differs from silicon.
 *
 * @param shape what was generated, for grouping
 * @param cuts where the code can be cut
 * @param expected from silicon, a copy
 * @param lines the differences, readable
 */
record Mismatch(String shape, CpuCase test, List<RawInsn> insns, List<Integer> cuts, Outcome expected, List<String> lines, boolean strict) {

    /** What differs first, without the values. */
    String what() {
        String first = lines.getFirst();
        return first.startsWith("engine") ? first : first.replaceAll("\\d*:.*", "");
    }

    String title() {
        return shape + "  " + HexFormat.of().formatHex(test.code());
    }

    Reproducer reproducer(String disassembly) {
        return new Reproducer(disassembly + "\n" + String.join("\n", lines), test, expected,
                Comparison.Defined.after(test, insns, expected, strict));
    }
}
