package xen.bench.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import xen.bench.process.Program;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/**
 * The kernels as compiled by the host's gcc into a folder of its own.
 *
 * @param image flat image that is loaded at {@link #BASE}
 * @param program the same objects as a Linux program
 */
record GuestImage(Path image, Path program) {
	static final long BASE = 0x20_0000;
	/** Entry of a machine that is in 64-bit mode already. */
	static final long ENTRY = BASE + 64;

	private static final String[] SOURCES = {"kernels.c", "bare.c", "bare.S", "host.c", "image.lds"};
	private static final List<String> FLAGS = List.of("-O2", "-fno-pic", "-fno-pie", "-mcmodel=small", "-ffreestanding", "-fno-stack-protector", "-fcf-protection=none",
			"-fno-asynchronous-unwind-tables", "-ffp-contract=off", "-c");

	/** Compiles; takes a few seconds. */
	static GuestImage build(Path folder) throws IOException, InterruptedException {
		if (Program.find("gcc") == null) throw new CommandFailure(CliCommand.FAILED, "bench cpu: skipped: there is no gcc to compile the kernels with (Debian: apt-get install gcc)");
		for (String name : SOURCES) {
			try (InputStream in = GuestImage.class.getResourceAsStream("guest/" + name)) {
				Files.copy(in, folder.resolve(name));
			}
		}
		Files.writeString(folder.resolve("wide.c"), WideCode.STANDARD.c());
		compile(folder, "kernels.c", "wide.c");
		compile(folder, "-mno-sse", "bare.c");
		Program.run(List.of("gcc", "-c", "bare.S", "-o", "entry.o"), folder);
		Program.run(List.of("ld", "-T", "image.lds", "--oformat=binary", "-z", "noexecstack", "-o", "image", "entry.o", "bare.o", "kernels.o", "wide.o"), folder);
		Program.run(List.of("gcc", "-no-pie", "-O2", "-o", "host", "host.c", "kernels.o", "wide.o"), folder);
		return new GuestImage(folder.resolve("image"), folder.resolve("host"));
	}

	private static void compile(Path folder, String... files) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(List.of("gcc"));
		command.addAll(FLAGS);
		command.addAll(List.of(files));
		Program.run(command, folder);
	}
}
