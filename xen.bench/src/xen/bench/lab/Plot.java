package xen.bench.lab;

import java.util.List;
import java.util.Map;

/** The data of a chart. */
public sealed interface Plot {
    /** A group of bars a category, a bar a series. */
    record Bars(String title, String x, String y, boolean logarithmic, List<String> categories, Map<String, List<Double>> series) implements Plot {}

    /** A line a series; x values are common. */
    record Lines(String title, String x, String y, boolean logarithmic, List<Double> at, Map<String, List<Double>> series) implements Plot {}

    /** Who ran where: a line a pCPU, a colour a group of vCPUs. */
    record Gantt(String title, int pcpus, long from, List<Trace.Run> runs, List<String> groups, int[] groupOf) implements Plot {}
}
