package xen.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/**
 * The product as another process: the same JVM, options and distribution as this one, with another subcommand. What is built while a
 * benchmark runs does not disturb it.
 */
public final class Product {
	private static final String MAIN = "xen.dist.launcher.Main";

	private Product() {}

	/** Command line of {@code ./xen SUBCOMMAND ...} as this process was started. */
	public static List<String> command(String... subcommand) throws IOException {
		List<String> own = Arrays.asList(Files.readString(Path.of("/proc/self/cmdline")).split("\0"));
		int main = own.indexOf(MAIN);
		if (main < 0) throw new CommandFailure(CliCommand.FAILED, "this benchmark starts the product anew and cannot tell how: it was not started by ./xen");
		List<String> command = new ArrayList<>(own.subList(0, main + 1));
		// a shell may have named the JVM by less than its path
		command.set(0, Path.of(System.getProperty("java.home"), "bin/java").toString());
		command.addAll(List.of(subcommand));
		return command;
	}
}
