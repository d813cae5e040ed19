package xen.cpu.bytecode;

/**
 * The two kinds of regions. Their names are their classes' names, by which {@link Steering} and {@code jvm.options} tell the JVM what to
 * do with each.
 */
enum Kind {
    /** For C1 alone, without a profile: each block can be entered, and none is in two regions. */
    Warm,
    /** For C2, with a profile that C1's code makes first: one entry, which C2's loops need, and blocks copied as often as that takes. */
    Hot
}
