package xen.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Named figures with units, in the order they were added; figures that belong together are in groups. As JSON a group is an object; as text
 * a group without groups of its own is one line.
 */
public final class Figures {
	private record Figure(double value, String unit) {}

	private final Map<String, Figure> figures = new LinkedHashMap<>();
	private final Map<String, Figures> groups = new LinkedHashMap<>();

	/** @param name lower case with underscores and the unit at its end, as it appears in JSON: {@code lab_start_ms} */
	public Figures add(String name, double value, String unit) {
		figures.put(name, new Figure(value, unit));
		return this;
	}

	/** The group of that name, made when it is new. */
	public Figures group(String name) { return groups.computeIfAbsent(name, n -> new Figures()); }

	public double get(String name) {
		return figures.get(name).value();
	}

	public String text() {
		StringBuilder b = new StringBuilder();
		figures.forEach((name, f) -> b.append("%-34s %14s %s%n".formatted(name, number(f.value()), f.unit())));
		groups.forEach((name, g) -> g.lines(name, b));
		return b.toString();
	}

	private void lines(String path, StringBuilder b) {
		if (!figures.isEmpty()) {
			b.append("%-30s".formatted(path));
			figures.forEach((name, f) -> b.append("  %s %s".formatted(name, number(f.value()))));
			b.append(System.lineSeparator());
		}
		groups.forEach((name, g) -> g.lines(path + " " + name, b));
	}

	String json() { return json("\n"); }

	private String json(String newline) {
		String inner = newline + "  ";
		StringBuilder b = new StringBuilder("{");
		figures.forEach((name, f) -> b.append(b.length() > 1 ? "," : "").append(inner).append('"').append(name).append("\": ").append(number(f.value())));
		groups.forEach((name, g) -> b.append(b.length() > 1 ? "," : "").append(inner).append('"').append(name).append("\": ").append(g.json(inner)));
		return b.append(newline).append('}').toString();
	}

	private static String number(double v) {
		if (Double.isNaN(v) || Double.isInfinite(v)) return "null";
		return v == Math.rint(v) && Math.abs(v) < 1e15 ? Long.toString((long) v) : String.format(Locale.ROOT, "%.3f", v);
	}
}
