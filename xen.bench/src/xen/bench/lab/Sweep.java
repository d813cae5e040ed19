package xen.bench.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import xen.bench.Scratch;
import xen.bench.process.Product;
import xen.bench.process.Program;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/**
 * An experiment for each value of a policy's parameter: a process of the product each, as many at once as the host has cores. The runs
 * are in virtual time, so that they cannot disturb each other's figures.
 */
final class Sweep {
    private static final Pattern CELL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\":(\"(?:[^\"\\\\]|\\\\.)*\"|[^,}]+)");

    private final Options options;
    private final Progress progress;
    private final AtomicInteger done = new AtomicInteger();

    Sweep(Options options, Progress progress) {
        this.options = options;
        this.progress = progress;
    }

    Report run() throws IOException, InterruptedException {
        List<String> values = options.sweep.values();
        try (Scratch scratch = new Scratch(); ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            progress.show(0, values.size(), options.sweep.key());
            List<Future<List<Map<String, Object>>>> all = new ArrayList<>();
            for (String v : values) {
                all.add(pool.submit(() -> one(v, scratch.folder().resolve("run" + values.indexOf(v) + ".json"))));
            }
            List<Map<String, Object>> rows = new ArrayList<>();
            for (Future<List<Map<String, Object>>> f : all) {
                rows.addAll(f.get());
            }
            return report(rows);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandFailure c) {
                throw c;
            }
            throw new IOException(e.getCause());
        }
    }

    private List<Map<String, Object>> one(String value, Path json) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("lab", options.name, "--seed", Long.toString(options.seed), "--json", json.toString(), "--set", options.sweep.with(value)));
        options.set.forEach(p -> words.addAll(List.of("--set", p.with(p.values().getFirst()))));
        try (Program p = new Program(Product.command(words.toArray(String[]::new)), ProcessBuilder.Redirect.INHERIT)) {
            while (p.receive() != null) {
                // its table is in the file too
            }
            if (p.await() != 0) {
                throw new CommandFailure(CliCommand.FAILED, "the run with " + options.sweep.with(value) + " failed (see above)");
            }
        }
        progress.show(done.incrementAndGet(), options.sweep.values().size(), options.sweep.with(value));
        return rows(Files.readString(json), value);
    }

    /** Rows of the scheduler in question, in the form in which {@link Report#json} writes them: one a line. */
    private List<Map<String, Object>> rows(String json, String value) {
        List<Map<String, Object>> rows = new ArrayList<>();
        json.lines().filter(l -> l.startsWith("  {")).forEach(l -> {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put(options.sweep.key(), value);
            for (Matcher m = CELL.matcher(l); m.find();) {
                String text = m.group(2);
                row.put(m.group(1), text.startsWith("\"") ? text.substring(1, text.length() - 1) : (Object) Double.valueOf(text));
            }
            Object scheduler = row.getOrDefault("scheduler", options.sweep.scheduler());
            if (scheduler.equals(options.sweep.scheduler())) {
                rows.add(row);
            }
        });
        return rows;
    }

    private Report report(List<Map<String, Object>> rows) {
        if (rows.isEmpty()) {
            throw new CommandFailure(CliCommand.USAGE, "experiment " + options.name + " has no figures of scheduler " + options.sweep.scheduler());
        }
        String figure = rows.getFirst().entrySet().stream().filter(e -> e.getValue() instanceof Number).map(Map.Entry::getKey).findFirst().orElseThrow();
        Map<String, List<Double>> series = new LinkedHashMap<>();
        for (Map<String, Object> r : rows) {
            String[] words = r.entrySet().stream().filter(e -> e.getValue() instanceof String && !e.getKey().equals(options.sweep.key()) && !e.getKey().equals("scheduler"))
                    .map(e -> e.getValue().toString()).toArray(String[]::new);
            series.computeIfAbsent(words.length == 0 ? figure : String.join(" ", Arrays.asList(words)), k -> new ArrayList<>()).add(((Number) r.get(figure)).doubleValue());
        }
        return new Report(options.name, options.name + ", " + options.sweep.scheduler() + " with " + options.sweep.key() + " = " + String.join(", ", options.sweep.values()), rows,
                "Each value is a run of its own; all in virtual time, as many at once as the host has cores.",
                new Plot.Bars(options.name + " under " + options.sweep.scheduler(), options.sweep.key(), figure, false, options.sweep.values(), series));
    }
}
