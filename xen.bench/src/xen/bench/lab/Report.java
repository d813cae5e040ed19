package xen.bench.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What an experiment found: a table, its chart, and one sentence that says what it means.
 *
 * @param rows maps from column to a String or Number; all have the same columns
 */
record Report(String name, String title, List<Map<String, Object>> rows, String finding, Plot plot) {
    /** A row from column, value, column, value... */
    static Map<String, Object> row(Object... cells) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < cells.length; i += 2) {
            m.put((String) cells[i], cells[i + 1]);
        }
        return m;
    }

    static double round(double v, int digits) {
        double f = Math.pow(10, digits);
        return Math.round(v * f) / f;
    }

    /** Number in a cell. */
    double number(int row, String column) { return ((Number) rows.get(row).get(column)).doubleValue(); }

    String text() {
        List<String> columns = new ArrayList<>(rows.getFirst().keySet());
        int[] width = columns.stream().mapToInt(String::length).toArray();
        for (Map<String, Object> r : rows) {
            for (int i = 0; i < width.length; i++) {
                width[i] = Math.max(width[i], cell(r.get(columns.get(i))).length());
            }
        }
        StringBuilder b = new StringBuilder(title).append('\n');
        for (int i = 0; i < width.length; i++) {
            b.append(pad(columns.get(i), width[i], rows.getFirst().get(columns.get(i)) instanceof Number));
        }
        b.append('\n');
        for (Map<String, Object> r : rows) {
            for (int i = 0; i < width.length; i++) {
                b.append(pad(cell(r.get(columns.get(i))), width[i], r.get(columns.get(i)) instanceof Number));
            }
            b.append('\n');
        }
        return b.append(finding).append('\n').toString();
    }

    private static String pad(String s, int width, boolean right) {
        String blanks = " ".repeat(width - s.length());
        return (right ? blanks + s : s + blanks) + "  ";
    }

    private static String cell(Object o) {
        return o instanceof Double d ? d == Math.rint(d) && Math.abs(d) < 1e12 ? String.valueOf(d.longValue()) : String.format(Locale.ROOT, "%s", d)
                : String.valueOf(o);
    }

    String json(long seed) {
        StringBuilder b = new StringBuilder("{\"experiment\":" + quote(name) + ",\"seed\":" + seed + ",\"title\":" + quote(title) + ",\"finding\":"
                + quote(finding) + ",\"rows\":[");
        String between = "\n";
        for (Map<String, Object> r : rows) {
            b.append(between).append("  {");
            String comma = "";
            for (Map.Entry<String, Object> e : r.entrySet()) {
                b.append(comma).append(quote(e.getKey())).append(':').append(e.getValue() instanceof Number n ? n.toString() : quote(String.valueOf(e.getValue())));
                comma = ",";
            }
            b.append('}');
            between = ",\n";
        }
        return b.append("\n]}\n").toString();
    }

    private static String quote(String s) { return '"' + s.replace("\\", "\\\\").replace("\"", "\\\"") + '"'; }
}
