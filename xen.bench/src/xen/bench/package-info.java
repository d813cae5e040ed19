/**
 * The subcommand {@code bench}: each benchmark is a component of this bundle (service {@link xen.bench.Benchmark})
 * that returns named figures; how they are printed is decided here, once.
 */
package xen.bench;
