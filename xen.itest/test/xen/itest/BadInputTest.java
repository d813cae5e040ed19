package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users get wrong: each a message that names the input and the cause, the contract's status, and no stack trace unless asked for. */
@Tag("slow")
class BadInputTest {
	private static final int USAGE = 2, LIMIT = 4, PAGE = 4096;
	private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0, 4, (byte) 0xe6, (byte) 0xd6, (byte) 0xb4, 0x46, 2, 0, 0x21, 1, 0x16, 0, 0, 0};

	@TempDir
	private Path folder;

	@Test
	void aFileThatIsNoKernelIsRefused() throws IOException {
		refused(file("notes.txt", "These are not the bytes of a kernel.\n".getBytes(StandardCharsets.US_ASCII)), "notes.txt", "not an ELF file");
	}

	@Test
	void anEmptyFileIsRefused() throws IOException {
		refused(file("empty", new byte[0]), "empty", "not an ELF file");
	}

	@Test
	void aTruncatedBzImageIsRefused() throws IOException {
		refused(file("vmlinuz", KernelFiles.bzImage(new byte[3000], 1000)), "vmlinuz", "truncated bzImage");
	}

	@Test
	void aTruncatedElfFileIsRefused() throws IOException {
		refused(file("cut", java.util.Arrays.copyOf(KernelFiles.elf(2, PAGE, true), 300)), "cut");
	}

	@Test
	void corruptXzIsRefused() throws IOException {
		byte[] payload = java.util.Arrays.copyOf(XZ, 2000);
		for (int i = XZ.length; i < payload.length; i++) payload[i] = (byte) (i * 37);
		refused(file("vmlinuz", KernelFiles.bzImage(payload, 0)), "vmlinuz", "xz", "corrupt");
	}

	@Test
	void corruptGzipIsRefused() throws IOException {
		ByteArrayOutputStream packed = new ByteArrayOutputStream();
		try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
			zip.write(KernelFiles.elf(2, PAGE, true));
		}
		byte[] payload = packed.toByteArray();
		payload[payload.length / 2] ^= 0x55;
		refused(file("vmlinuz", KernelFiles.bzImage(payload, 0)), "vmlinuz", "gzip", "corrupt");
	}

	@Test
	void aKernelWithoutXenNotesIsRefused() throws IOException {
		refused(file("bare", KernelFiles.elf(2, PAGE, false)), "bare", "no Xen notes", "CONFIG_XEN_PV");
	}

	@Test
	void a32BitKernelIsRefused() throws IOException {
		refused(file("old", KernelFiles.elf(1, PAGE, true)), "old", "32-bit");
	}

	@Test
	void tooLittleMemoryForTheImageIsRefusedWithWhatItTakes() throws IOException {
		refused(new String[] {"boot", file("large", KernelFiles.elf(2, 100L << 20, true)), "--memory", "64"}, "large", "memory of 64 MiB is too small");
	}

	@Test
	void aMissingKernelIsNamed() {
		refused(folder.resolve("nowhere/vmlinuz").toString(), "nowhere/vmlinuz", "no such file");
	}

	@Test
	void aFolderIsNoKernel() {
		refused(folder.toString(), folder.toString());
	}

	@Test
	void aMissingRamdiskIsNamed() throws IOException {
		refused(new String[] {"boot", good(), "--ramdisk", folder.resolve("rd.img").toString()}, "rd.img", "no such file", "ramdisk");
	}

	@Test
	void anUnknownOptionIsNamed() throws IOException {
		refused(new String[] {"boot", good(), "--frobnicate"}, "--frobnicate", "--help");
	}

	@Test
	void aMissingKernelArgumentIsAUsageError() {
		refused(new String[] {"boot"}, "KERNEL", "--help");
	}

	@Test
	void senselessFiguresAreRefused() throws IOException {
		String kernel = good();
		refused(new String[] {"boot", kernel, "--vcpus", "0"}, "vcpus");
		refused(new String[] {"boot", kernel, "--memory", "lots"}, "--memory lots");
		refused(new String[] {"boot", kernel, "--topology", "2x"}, "topology");
		refused(new String[] {"boot", kernel, "--until", "("}, "--until (", "regular expression");
		refused(new String[] {"boot", kernel, "--timeout", "-1"}, "--timeout");
	}

	@Test
	void anUnknownSchedulerIsNamed() throws IOException {
		Xen.Outcome o = clear(Xen.run("boot", good(), "--sched", "fifteen", "--timeout", "20"), "fifteen");
		assertThat(o.status()).isIn(1, USAGE);
	}

	@Test
	void aConfigurationWithAMistakeIsRefusedWithItsLine() throws IOException {
		refused(new String[] {"create", file("guest.cfg", "name = \"x\"\nkernel = \"unclosed\nmemory = 64\n".getBytes(StandardCharsets.US_ASCII))}, "guest.cfg:2");
	}

	@Test
	void unknownKeysOfAConfigurationAreNamedInAWarning() throws IOException {
		String cfg = file("guest.cfg", ("name = \"x\"\nkernel = \"" + good() + "\"\nmemory = 64\nflux_capacitor = 1\n").getBytes(StandardCharsets.US_ASCII));
		Xen.Outcome o = clear(Xen.run("create", cfg, "--timeout", "1"), "flux_capacitor");
		assertThat(o.status()).isEqualTo(LIMIT);
	}

	@Test
	void aGuestThatDoesNothingEndsAtTheLimit() throws IOException {
		Xen.Outcome o = clear(Xen.run("boot", good(), "--timeout", "1"), "limit of 1");
		assertThat(o.status()).isEqualTo(LIMIT);
	}

	@Test
	void theStackTraceIsThereWhenAskedFor() throws IOException {
		Xen.Outcome o = Xen.run("boot", file("notes.txt", "no kernel".getBytes(StandardCharsets.US_ASCII)), "--debug");
		assertThat(o.status()).isEqualTo(USAGE);
		assertThat(o.err()).contains("not an ELF file").contains("\tat xen.toolstack");
	}

	private void refused(String kernel, String... words) {
		refused(new String[] {"boot", kernel}, words);
	}

	private static void refused(String[] args, String... words) {
		Xen.Outcome o = clear(Xen.run(args), words);
		assertThat(o.status()).as(o::toString).isEqualTo(USAGE);
		assertThat(o.out()).isEmpty();
	}

	/** A message of a line or two with these words, from the product and not from Java. */
	private static Xen.Outcome clear(Xen.Outcome o, String... words) {
		assertThat(o.err()).as(o::toString).startsWith("xen").contains(words).doesNotContain("\tat ", "Exception", "java.");
		assertThat(o.err().lines().count()).as(o::toString).isBetween(1L, 3L);
		return o;
	}

	private String good() throws IOException {
		return file("good.elf", KernelFiles.elf(2, PAGE, true));
	}

	private String file(String name, byte[] content) throws IOException {
		return Files.write(folder.resolve(name), content).toString();
	}
}
