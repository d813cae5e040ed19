/** Other processes as benchmarks see them: started, timed by the CPU time that the host charges to them, and ended. */
package xen.bench.process;
