package xen.bench.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One running program that talks in lines. Used by one thread. */
public final class Program implements AutoCloseable {
	private final Process process;
	private final BufferedReader out;
	/** A frozen or busy child must not outlive a benchmark that is ended by a signal. */
	private final Thread hook;

	/** @param log where its standard error goes */
	public Program(List<String> command, ProcessBuilder.Redirect log) throws IOException {
		process = new ProcessBuilder(command).redirectError(log).start();
		hook = new Thread(process::destroyForcibly, "bench-child-" + process.pid());
		Runtime.getRuntime().addShutdownHook(hook);
		out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1));
	}

	/** Where a program is found by name, or null. */
	public static Path find(String name) {
		for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
			Path file = Path.of(folder.isEmpty() ? "." : folder, name);
			if (Files.isExecutable(file) && !Files.isDirectory(file)) return file;
		}
		return null;
	}

	/** Runs a program to its end; its output is part of the exception when it fails. */
	public static void run(List<String> command, Path folder) throws IOException, InterruptedException {
		Process p = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
		p.getOutputStream().close();
		String output = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (p.waitFor() != 0) throw new IOException(String.join(" ", command) + " failed:\n" + output);
	}

	public long pid() { return process.pid(); }

	public long cpuNanos() { return CpuClock.process(process.pid()); }

	/** Largest resident set so far in KiB; 0 when the process has ended. */
	public long peakKiB() {
		try {
			return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream().filter(l -> l.startsWith("VmHWM:"))
					.mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", ""))).findFirst().orElse(0);
		} catch (IOException | UncheckedIOException e) {
			return 0;
		}
	}

	public void send(String line) throws IOException {
		process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
		process.getOutputStream().flush();
	}

	/** Next line, or null at the end. */
	public String receive() throws IOException { return out.readLine(); }

	/** Freezes or thaws the process, so that it uses no CPU while others are measured. */
	public void frozen(boolean freeze) throws IOException, InterruptedException {
		run(List.of("sh", "-c", "kill -" + (freeze ? "STOP " : "CONT ") + process.pid()), Path.of("/"));
	}

	public int await() throws InterruptedException { return process.waitFor(); }

	@Override
	public void close() {
		process.destroyForcibly();
		try {
			Runtime.getRuntime().removeShutdownHook(hook);
		} catch (IllegalStateException e) {
			// the JVM ends already
		}
		try {
			process.waitFor(5, TimeUnit.SECONDS);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}
}
