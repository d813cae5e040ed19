package xen.hw.x86smp.oracle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Runs generated cases on silicon and in a {@link Subject} and reports where they differ. The order is
 * the same for the same seed. Used by one thread.
 *
 * <p>First {@link #sweep}: one case a shape, undefined opcodes included. Then {@link #random}:
 * shapes that silicon did execute, with new operands, alone and in sequences; now and then one that was
 * undefined so far, because of its registers, a length or a LOCK perhaps.
 */
final class Differential implements AutoCloseable {
    private static final int LONGEST_SEQUENCE = 20;
    /** Cases whose length is a multiple are also run in slices of one instruction. */
    private static final int STEPPED = 3;

    private final NativeCpu silicon;
    private final Subject subject;
    private final CaseGenerator generator;
    private final SplittableRandom random;
    private final List<Shape> shapes;
    /** How often a shape that is undefined so far is tried: one in so many. */
    private static final int UNKNOWN = 8;
    /** Shapes that silicon knows, and those of them that may be part of a sequence. */
    private final List<Shape> alive = new ArrayList<>();
    private final List<Shape> sequential = new ArrayList<>();
    private final Set<Shape> known = new HashSet<>();
    private EngineCpu engine;

    private final CaseGenerator.Generated[] batch = new CaseGenerator.Generated[NativeCpu.BATCH];
    private final Shape[] batchShapes = new Shape[NativeCpu.BATCH];
    private final CpuCase[] cases = new CpuCase[NativeCpu.BATCH];
    private final Outcome[] expected = new Outcome[NativeCpu.BATCH];
    private final Outcome got = new Outcome();
    private long executed;
    private BiConsumer<CpuCase, Outcome> watcher = (c, o) -> { };

    /** @param only restricts what is generated */
    Differential(Subject subject, long seed, boolean compat, Predicate<Shape> only) throws IOException {
        this.subject = subject;
        generator = new CaseGenerator(seed, compat, subject.strict());
        random = new SplittableRandom(seed);
        shapes = Shape.all(compat).stream().filter(only).toList();
        for (int i = 0; i < expected.length; i++) {
            expected[i] = new Outcome();
        }
        silicon = NativeCpu.open();
        engine = subject.open();
    }

    /** Sees each case and what silicon made of it. */
    void watch(BiConsumer<CpuCase, Outcome> watcher) {
        this.watcher = watcher;
    }

    /** Cases compared so far. */
    long executed() {
        return executed;
    }

    /** One case for every {@code step}th shape, or fewer when {@code goOn} says no. */
    void sweep(int step, BooleanSupplier goOn, Consumer<Mismatch> report) throws IOException {
        int n = 0;
        for (int k = 0; k < shapes.size() && goOn.getAsBoolean(); k += step) {
            add(n++, shapes.get(k), generator.single(shapes.get(k)));
            if (n == NativeCpu.BATCH || k + step >= shapes.size()) {
                run(n, report);
                learn(n);
                n = 0;
            }
        }
    }

    /** More tries for shapes that were undefined so far: their registers, lengths and prefixes decide too. */
    void retry(int rounds, BooleanSupplier goOn, Consumer<Mismatch> report) throws IOException {
        for (int r = 0; r < rounds; r++) {
            List<Shape> open = shapes.stream().filter(s -> !known.contains(s)).toList();
            for (int from = 0; from < open.size() && goOn.getAsBoolean(); from += NativeCpu.BATCH) {
                int n = Math.min(NativeCpu.BATCH, open.size() - from);
                for (int i = 0; i < n; i++) {
                    add(i, open.get(from + i), generator.single(open.get(from + i)));
                }
                run(n, report);
                learn(n);
            }
        }
    }

    private void learn(int n) {
        for (int i = 0; i < n; i++) {
            Shape s = batchShapes[i];
            if (batch[i].insns().size() == 1 && expected[i].vector != 6 && known.add(s)) {
                alive.add(s);
                if (expected[i].vector == Outcome.EXIT && ControlFlow.sequential(s)) {
                    sequential.add(s);
                }
            }
        }
    }

    /** Cases at random until told to stop; after {@link #sweep}. */
    void random(BooleanSupplier goOn, Consumer<Mismatch> report) throws IOException {
        while (goOn.getAsBoolean() && !alive.isEmpty()) {
            for (int i = 0; i < NativeCpu.BATCH; i++) {
                boolean many = random.nextInt(3) == 0 && !sequential.isEmpty();
                List<Shape> from = random.nextInt(UNKNOWN) == 0 ? shapes : alive;
                Shape shape = from.get(random.nextInt(from.size()));
                add(i, shape, many ? generator.sequence(sequential, 1 + random.nextInt(LONGEST_SEQUENCE))
                        : generator.single(shape));
            }
            run(NativeCpu.BATCH, report);
            learn(NativeCpu.BATCH);
        }
    }

    private void add(int i, Shape shape, CaseGenerator.Generated g) {
        batch[i] = g;
        batchShapes[i] = shape;
        cases[i] = g.test();
    }

    private void run(int n, Consumer<Mismatch> report) throws IOException {
        silicon.run(cases, expected, n);
        executed += n;
        for (int i = 0; i < n; i++) {
            watcher.accept(cases[i], expected[i]);
            List<String> lines = compare(cases[i], batch[i].insns(), expected[i]);
            if (!lines.isEmpty()) {
                String shape = batch[i].insns().size() == 1 ? batchShapes[i].toString() : "sequence";
                report.accept(new Mismatch(shape, cases[i], batch[i].insns(), batch[i].cuts(), copy(expected[i]), lines, subject.strict()));
            }
        }
    }

    private List<String> compare(CpuCase c, List<RawInsn> insns, Outcome e) {
        try {
            long retired = engine.run(c, got, EngineCpu.BUDGET);
            List<String> lines = Comparison.differences(c, insns, e, got, subject.strict());
            if (lines.isEmpty() && c.code().length % STEPPED == 0) {
                long stepped = engine.run(c, got, 1);
                lines = new ArrayList<>(Comparison.differences(c, insns, e, got, subject.strict()));
                if (stepped != retired) {
                    lines.addFirst("retired %d at once, %d stepped".formatted(retired, stepped));
                }
            }
            return lines;
        } catch (RuntimeException | Error thrown) {
            engine = subject.open();
            return List.of("engine threw " + thrown);
        }
    }

    /** The same case with other code or inputs: what silicon says now, and whether the engine still differs. */
    Mismatch retry(Mismatch old, CpuCase c) throws IOException {
        Outcome e = silicon.run(c);
        List<String> lines = compare(c, old.insns(), e);
        return lines.isEmpty() ? null : new Mismatch(old.shape(), c, old.insns(), old.cuts(), e, lines, subject.strict());
    }

    private static Outcome copy(Outcome o) {
        Outcome c = new Outcome();
        c.vector = o.vector;
        c.error = o.error;
        c.cr2 = o.cr2;
        c.state.copyFrom(o.state);
        System.arraycopy(o.data, 0, c.data, 0, c.data.length);
        return c;
    }

    @Override
    public void close() {
        engine.close();
        silicon.close();
    }
}
