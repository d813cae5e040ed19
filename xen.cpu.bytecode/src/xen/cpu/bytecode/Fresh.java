package xen.cpu.bytecode;

import java.util.List;

/** A region that is being made. */
final class Fresh {
    final Shape shape;
    final Kind kind;
    /** Its entries, in the order of their numbers in the region. */
    final List<Entry> ways;
    /** Of the translator when it was asked for. */
    final int generation;
    /** What is executed counts towards a better one. */
    final boolean credit;

    /** Other CPUs run guest code at the same time. */
    final boolean concurrent;

    Fresh(Shape shape, Kind kind, List<Entry> ways, int generation, boolean credit, boolean concurrent) {
        this.shape = shape;
        this.kind = kind;
        this.ways = ways;
        this.generation = generation;
        this.credit = credit;
        this.concurrent = concurrent;
    }
}
