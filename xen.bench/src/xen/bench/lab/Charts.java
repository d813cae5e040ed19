package xen.bench.lab;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws plots as SVG with XChart. */
public final class Charts {
    private static final int WIDTH = 900, HEIGHT = 480;
    /** Readable on white, also without red and green. */
    private static final Color[] COLOURS = {new Color(0x0072b2), new Color(0xd55e00), new Color(0x009e73), new Color(0xcc79a7), new Color(0xe69f00),
        new Color(0x56b4e9), new Color(0x666666), new Color(0x8c510a)};

    private Charts() {}

    public static void write(Plot plot, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            VectorGraphicsEncoder.saveVectorGraphic(chart(plot), out, VectorGraphicsFormat.SVG);
        }
    }

    private static IChart chart(Plot plot) {
        return switch (plot) {
            case Plot.Bars b -> bars(b);
            case Plot.Lines l -> lines(l);
            case Plot.Gantt g -> gantt(g);
        };
    }

    private static CategoryChart bars(Plot.Bars b) {
        CategoryChart c = new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title(b.title()).xAxisTitle(b.x()).yAxisTitle(b.y()).build();
        c.getStyler().setYAxisLogarithmic(b.logarithmic());
        c.getStyler().setSeriesColors(COLOURS);
        c.getStyler().setLegendPosition(LegendPosition.OutsideE);
        c.getStyler().setPlotGridVerticalLinesVisible(false);
        c.getStyler().setChartBackgroundColor(Color.WHITE);
        if (b.logarithmic()) {
            double least = b.series().values().stream().flatMap(List::stream).filter(v -> v > 0).mapToDouble(v -> v).min().orElse(1);
            c.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(least))));
        } else {
            c.getStyler().setYAxisMin(0.0);
        }
        b.series().forEach((name, values) -> c.addSeries(name, b.categories(), values));
        return c;
    }

    private static XYChart chart(String title, String x, String y) {
        XYChart c = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title).xAxisTitle(x).yAxisTitle(y).build();
        c.getStyler().setSeriesColors(COLOURS);
        c.getStyler().setLegendPosition(LegendPosition.OutsideE);
        c.getStyler().setChartBackgroundColor(Color.WHITE);
        return c;
    }

    private static XYChart lines(Plot.Lines l) {
        XYChart c = chart(l.title(), l.x(), l.y());
        c.getStyler().setXAxisLogarithmic(l.logarithmic());
        c.getStyler().setYAxisMin(0.0);
        l.series().forEach((name, values) -> c.addSeries(name, l.at(), values));
        return c;
    }

    /** Thick lines with gaps: a series a group, a row a pCPU. */
    private static XYChart gantt(Plot.Gantt g) {
        XYChart c = chart(g.title(), "machine time, ms", "pCPU");
        c.getStyler().setYAxisMin(-0.5);
        c.getStyler().setYAxisMax(g.pcpus() - 0.5);
        c.getStyler().setPlotGridLinesVisible(false);
        c.getStyler().setYAxisDecimalPattern("0");
        for (int group = 0; group < g.groups().size(); group++) {
            List<Double> x = new ArrayList<>();
            List<Double> y = new ArrayList<>();
            for (Trace.Run r : g.runs()) {
                if (g.groupOf()[r.vcpu()] == group) {
                    x.add(r.from() / 1e6);
                    y.add((double) r.pcpu());
                    x.add(r.to() / 1e6);
                    y.add((double) r.pcpu());
                    x.add(r.to() / 1e6);
                    y.add(Double.NaN);
                }
            }
            if (!x.isEmpty()) {
                XYSeries s = c.addSeries(g.groups().get(group), x, y);
                s.setMarker(SeriesMarkers.NONE);
                s.setLineStyle(new BasicStroke(Math.clamp(200f / g.pcpus(), 3f, 24f), BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
            }
        }
        return c;
    }
}
