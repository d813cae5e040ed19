package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.debian.DebianCache;
import xen.toolstack.image.KernelImage;

/**
 * GRUB loads Linux from the ext4 disk that Linux then has as its root: two front ends, one after the other, on the same virtual disk. The
 * kernel lies there unpacked, because GRUB 2.06 cannot unpack Debian's (LZ4).
 */
@Tag("slow")
class GrubDiskTest {
	@TempDir
	Path folder;

	@Test
	void grubLoadsTheKernelFromTheDiskThatLinuxThenMounts() throws Exception {
		Path disk = folder.resolve("root.img");
		Xen.Outcome files = Xen.run("debian", "--fetch-only", "--disk", "--root-disk", disk.toString());
		Assumptions.assumeTrue(files.status() == 0, files::toString);
		String[] names = files.out().lines().toArray(String[]::new);
		var unpacked = KernelImage.read(Path.of(names[0])).elf();
		byte[] bytes = new byte[unpacked.remaining()];
		unpacked.get(bytes);
		Path elf = Files.write(folder.resolve("vmlinux"), bytes);
		run("debugfs", "-w", "-R", "mkdir boot", disk.toString());
		run("debugfs", "-w", "-R", "write " + elf + " boot/vmlinux", disk.toString());
		run("debugfs", "-w", "-R", "write " + names[1] + " boot/initrd", disk.toString());
		Xen.Running run = Xen.start("boot", grub().toString(), "--disk", disk.toString(), "--timeout", "160");
		GrubTest.awaitText(run, "grub>");
		GrubTest.type(run, "ls (xen/xvda)/boot\n");
		GrubTest.awaitText(run, "vmlinux");
		GrubTest.type(run, "linux (xen/xvda)/boot/vmlinux console=hvc0 root=/dev/xvda rw fromgrub\n");
		GrubTest.type(run, "initrd (xen/xvda)/boot/initrd\n");
		GrubTest.type(run, "boot\n");
		GrubTest.awaitText(run, "xen-root: ready");
		GrubTest.type(run, "grep -o from.*b /proc/cmdline; cmp /dev/xvda /dev/xvda -n 1048576 && echo same; poweroff\n");
		Xen.Outcome o = Xen.finish(run);
		assertThat(o.status()).as(o::toString).isZero();
		assertThat(o.out().replace("\r", "")).contains("\nfromgrub\n").contains("\nsame\n");
		assertThat(o.err()).isEmpty();
	}

	private static Path grub() {
		try {
			return new DebianCache(DebianCache.defaultFolder(), text -> {}, false).grub().file();
		} catch (ToolstackException e) {
			return Assumptions.abort("GRUB's PV image cannot be had: " + e.getMessage());
		}
	}

	private static void run(String... command) throws IOException, InterruptedException {
		command[0] = Files.isExecutable(Path.of("/sbin/" + command[0])) ? "/sbin/" + command[0] : command[0];
		Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(p.getInputStream().readAllBytes());
		if (p.waitFor() != 0) throw new AssertionError(String.join(" ", command) + ": " + output);
	}
}
