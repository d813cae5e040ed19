package xen.cpu.bytecode;

import java.util.List;

/**
 * A region that is being made.
 *
 * @param ways its entries, in the order of their numbers in the region
 * @param generation of the translator when it was asked for
 * @param credit what is executed counts towards a better one
 * @param concurrent other CPUs run guest code at the same time
 */
record Fresh(Shape shape, Kind kind, List<Entry> ways, int generation, boolean credit, boolean concurrent) {}
