/**
 * Schedulers exchanged under a Linux guest that checks its own results: from the shell's door (select), by the framework's
 * ({@code Bundle.update}), and by schedulers that throw.
 */
package xen.bench.swap;
