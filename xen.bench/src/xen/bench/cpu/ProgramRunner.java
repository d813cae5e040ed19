package xen.bench.cpu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import xen.bench.process.Program;

/** A program that serves kernels by lines: QEMU with the image as its bare PC's kernel, or the host's own. The bare PC waits busily: it is frozen while it has nothing to do. */
final class ProgramRunner implements Runner {
	private final String name;
	private final boolean busy;
	private final Program program;

	private ProgramRunner(String name, boolean busy, List<String> command) throws IOException, InterruptedException {
		this.name = name;
		this.busy = busy;
		program = new Program(command, ProcessBuilder.Redirect.INHERIT);
		if (program.receive() == null) throw new IOException(name + " did not start: " + String.join(" ", command));
		if (busy) program.frozen(true);
	}

	static Runner qemu(Path image) throws IOException, InterruptedException {
		return new ProgramRunner("qemu", true, List.of("qemu-system-x86_64", "-accel", "tcg", "-nodefaults", "-no-user-config", "-display", "none", "-m", "64", "-serial", "stdio",
				"-kernel", image.toString()));
	}

	static Runner host(Path program) throws IOException, InterruptedException { return new ProgramRunner("host", false, List.of(program.toString())); }

	@Override
	public String name() { return name; }

	@Override
	public Run run(Kernel kernel, long rounds) throws IOException, InterruptedException {
		if (busy) program.frozen(false);
		long begin = program.cpuNanos();
		program.send(Integer.toHexString(kernel.ordinal()) + " " + Long.toHexString(rounds));
		String line = program.receive();
		long nanos = program.cpuNanos() - begin;
		if (busy) program.frozen(true);
		if (line == null) throw new IOException(name + " ended in kernel " + kernel.title());
		return new Run(Long.parseUnsignedLong(line.strip(), 16), nanos, 0);
	}

	@Override
	public void close() { program.close(); }
}
