package xen.hw.x86smp.oracle;

import java.io.PrintStream;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.InstructionTable;
import xen.hw.x86smp.decode.Row;

/**
 * Which rows of the instruction table a differential run has compared: {@code ./xen fuzz cpu --coverage}. Each generated case is decoded. A row counts as
 * executed when silicon went through a case with it to the end: one that only ever faults there is compared in its fault alone. Used by one thread.
 */
final class RowCoverage {
    /** Fewer cases than that are told. */
    private static final int RARE = 10;
    /** Tries to make an instruction of a shape that is left out. */
    private static final int TRIES = 64;

    private final boolean compat;
    private final Listing listing = new Listing();
    private final Map<Row, int[]> seen = new IdentityHashMap<>();

    RowCoverage(boolean compat) {
        this.compat = compat;
    }

    /** A case and what silicon made of it. */
    void count(CpuCase c, Outcome silicon) {
        for (Insn i : listing.all(c)) {
            int[] n = seen.computeIfAbsent(i.row, r -> new int[2]);
            n[0]++;
            n[1] += silicon.vector == Outcome.EXIT ? 1 : 0;
        }
    }

    private int generated(Row r) {
        return seen.containsKey(r) ? seen.get(r)[0] : 0;
    }

    private int executed(Row r) {
        return seen.containsKey(r) ? seen.get(r)[1] : 0;
    }

    /** @param only what the run was restricted to */
    void report(PrintStream out, Predicate<Shape> only) {
        boolean all = Shape.all(compat).stream().allMatch(only);
        Set<Row> missing = missing();
        Set<Row> wanted = begun(Shape.all(compat).stream().filter(only), missing), excluded = begun(Shape.excluded(compat).stream().filter(only), missing);
        List<Row> rows = InstructionTable.rows().stream()
                .filter(r -> exists(r) && (all || generated(r) > 0 || wanted.contains(r) || excluded.contains(r))).toList();
        List<Row> leftOut = rows.stream().filter(r -> excluded.contains(r) && !wanted.contains(r)).toList();
        List<Row> never = rows.stream().filter(r -> generated(r) == 0 && !leftOut.contains(r)).toList();
        List<Row> rare = rows.stream().filter(r -> generated(r) > 0 && generated(r) < RARE).toList();
        List<Row> faulted = rows.stream().filter(r -> generated(r) >= RARE && executed(r) == 0).toList();
        out.printf("instruction table in %d-bit mode: %d rows, %d executed by silicon, %d only faulted, %d in fewer than %d cases, "
                + "%d left out on purpose, %d never generated%n", compat ? 32 : 64, rows.size(), rows.stream().filter(r -> executed(r) > 0).count(),
                faulted.size(), rare.size(), RARE, leftOut.size(), never.size());
        list(out, "never generated", never);
        list(out, "generated rarely", rare);
        list(out, "only faulted", faulted);
        list(out, "left out on purpose (system instructions, results that differ between vendors)", leftOut);
    }

    /** In this mode. A 64-bit operand is none in the other one. */
    private boolean exists(Row r) {
        return compat ? r.in32 && (r.vex || r.w != 1) && !r.text.substring(0, r.text.indexOf('|')).contains("o64") : r.in64;
    }

    private void list(PrintStream out, String title, List<Row> rows) {
        if (!rows.isEmpty()) {
            out.println(title + ":");
            rows.forEach(r -> out.printf("%8d  %s%n", generated(r), r.text.strip().replaceAll(" +", " ")));
        }
    }

    /** Rows that no shape leads to, whether it is left out or not. */
    Set<Row> unknown() {
        Set<Row> rows = missing();
        rows.removeAll(begun(Stream.concat(Shape.all(compat).stream(), Shape.excluded(compat).stream()), rows));
        return rows;
    }

    private Set<Row> missing() {
        Set<Row> rows = Collections.newSetFromMap(new IdentityHashMap<>());
        InstructionTable.rows().stream().filter(r -> exists(r) && generated(r) == 0).forEach(rows::add);
        return rows;
    }

    /** Those of {@code rows} that cases of these shapes begin with. */
    private Set<Row> begun(Stream<Shape> shapes, Set<Row> rows) {
        CaseGenerator generator = new CaseGenerator(0, compat);
        List<Shape> all = shapes.toList();
        Set<Row> found = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int n = 0; n < TRIES; n++) {
            List<Row> open = rows.stream().filter(r -> !found.contains(r)).toList();
            for (Shape s : all) {
                Insn i = open.stream().anyMatch(r -> opcode(s, r)) ? listing.first(generator.single(s).test().code(), compat) : null;
                if (i != null && rows.contains(i.row) && opcode(s, i.row)) {
                    found.add(i.row);
                }
            }
        }
        return found;
    }

    private static boolean opcode(Shape s, Row r) {
        return s.vex() == r.vex && s.legacyMap() == r.map && r.opcode == (r.plusReg ? s.opcode() & ~7 : s.opcode());
    }
}
