package xen.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Named figures with units, in the order they were added. */
public final class Figures {
	private record Figure(double value, String unit) {}

	private final Map<String, Figure> figures = new LinkedHashMap<>();

	/** @param name lower case with underscores and the unit at its end, as it appears in JSON: {@code lab_start_ms} */
	public Figures add(String name, double value, String unit) {
		figures.put(name, new Figure(value, unit));
		return this;
	}

	public double get(String name) {
		return figures.get(name).value();
	}

	String text() {
		return figures.entrySet().stream().map(e -> "%-34s %14s %s%n".formatted(e.getKey(), number(e.getValue().value()), e.getValue().unit())).collect(Collectors.joining());
	}

	String json() {
		return figures.entrySet().stream().map(e -> "  \"" + e.getKey() + "\": " + number(e.getValue().value())).collect(Collectors.joining(",\n", "{\n", "\n}"));
	}

	private static String number(double v) {
		return v == Math.rint(v) && Math.abs(v) < 1e15 ? Long.toString((long) v) : String.format(Locale.ROOT, "%.3f", v);
	}
}
