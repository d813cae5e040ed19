package xen.bench.linux;

import java.io.IOException;
import java.util.List;
import xen.bench.process.Program;

/** A running Linux whose process 1 does one piece of work a line (init.c, disk.c). Frozen between two, so that only one guest runs at a time. */
public final class LinuxGuest implements AutoCloseable {
	/** Times of one piece of work. */
	public record Took(double wallSeconds, double cpuSeconds) {}

	public final String name;
	private final Program program;

	LinuxGuest(String name, List<String> command) throws IOException, InterruptedException { this(name, command, "bench-init: ready"); }

	/** @param ready what it prints when it waits for work */
	public LinuxGuest(String name, List<String> command, String ready) throws IOException, InterruptedException {
		this.name = name;
		program = new Program(command, ProcessBuilder.Redirect.INHERIT);
		until(ready);
		program.frozen(true);
	}

	public Took run(String work) throws IOException, InterruptedException {
		program.frozen(false);
		long wall = System.nanoTime(), cpu = program.cpuNanos();
		program.send(work);
		String line = until("done " + work);
		Took took = new Took((System.nanoTime() - wall) / 1e9, (program.cpuNanos() - cpu) / 1e9);
		program.frozen(true);
		if (!line.strip().endsWith(" 0")) throw new IOException(work + " failed in " + name + ": " + line);
		return took;
	}

	private String until(String text) throws IOException {
		for (String line; (line = program.receive()) != null;) if (line.contains(text)) return line;
		throw new IOException(name + " ended before '" + text + "'");
	}

	@Override
	public void close() { program.close(); }
}
