package xen.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/** A kernel of Debian's and an initial RAM disk with busybox, as {@code ./xen debian --fetch-only} finds or fetches them. */
public record DebianFiles(Path kernel, Path ramdisk) {
	/** What the RAM disk's init prints first. */
	public static final String MARKER = "xen-init: ready";

	/** @param kernel cloud, generic or backports */
	public static DebianFiles fetch(String kernel) throws IOException, InterruptedException { return fetch(List.of("debian", "--fetch-only", "--kernel", kernel)); }

	/** The same with modules in the RAM disk: those of our front ends, and more ones, by name with commas between. */
	public static DebianFiles fetchWithModules(String kernel, String more) throws IOException, InterruptedException {
		return fetch(List.of("debian", "--fetch-only", "--kernel", kernel, "--modules", more));
	}

	private static DebianFiles fetch(List<String> words) throws IOException, InterruptedException {
		try (Program p = new Program(Product.command(words.toArray(String[]::new)), ProcessBuilder.Redirect.INHERIT)) {
			List<String> lines = new ArrayList<>();
			for (String l; (l = p.receive()) != null;) lines.add(l);
			if (p.await() != 0 || lines.size() < 2) throw new CommandFailure(CliCommand.FAILED, "skipped: Debian's kernel cannot be had (see above)");
			return new DebianFiles(Path.of(lines.get(lines.size() - 2)), Path.of(lines.getLast()));
		}
	}

	/** A kernel, and a RAM disk that goes on in an ext4 root disk, which is made in {@code image}; the RAM disk is beside it. */
	public static DebianFiles fetchRoot(String kernel, Path image) throws IOException, InterruptedException {
		return fetch(List.of("debian", "--fetch-only", "--kernel", kernel, "--disk", "--root-disk", image.toString())).copied(image.toAbsolutePath().getParent());
	}

	/** The same with a RAM disk of the caller's own in {@code folder}. */
	public DebianFiles copied(Path folder) throws IOException {
		return new DebianFiles(kernel, Files.copy(ramdisk, folder.resolve("initramfs.cpio")));
	}

	/** The product's command that boots them. */
	public List<String> xen(String engine, String... more) throws IOException {
		List<String> command = Product.command("boot", kernel.toString(), "--ramdisk", ramdisk.toString(), "--memory", "256", "--engine", engine);
		command.addAll(Arrays.asList(more));
		return command;
	}

	/** The same kernel on the bare PC of QEMU's system emulation, or null where there is no QEMU. */
	public List<String> qemu() {
		return Program.find("qemu-system-x86_64") == null ? null : List.of("qemu-system-x86_64", "-accel", "tcg", "-nodefaults", "-no-user-config", "-display", "none",
				"-no-reboot", "-m", "256", "-serial", "stdio", "-kernel", kernel.toString(), "-initrd", ramdisk.toString(), "-append", "console=ttyS0");
	}
}
