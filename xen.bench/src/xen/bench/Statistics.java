package xen.bench;

import java.util.Collection;
import java.util.stream.DoubleStream;

/** The two numbers that stand for many. */
public final class Statistics {
	private Statistics() {}

	public static double median(Collection<Double> values) {
		double[] v = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
		return v.length == 0 ? Double.NaN : (v[(v.length - 1) / 2] + v[v.length / 2]) / 2;
	}

	public static double geometricMean(DoubleStream values) { return Math.exp(values.map(Math::log).average().orElse(Double.NaN)); }
}
