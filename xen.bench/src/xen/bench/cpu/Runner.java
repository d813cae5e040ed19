package xen.bench.cpu;

import java.io.IOException;

/** Something that executes kernels: an engine of ours, QEMU, or the host itself. Used by one thread. */
interface Runner extends AutoCloseable {
	/** One execution: the kernel's result, CPU time in nanoseconds, and instructions retired (0 = not counted). */
	record Run(long result, long nanos, long instructions) {}

	String name();

	Run run(Kernel kernel, long rounds) throws IOException, InterruptedException;

	@Override
	void close();
}
