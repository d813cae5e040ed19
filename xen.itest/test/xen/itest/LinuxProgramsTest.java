package xen.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The programs of {@code guests/linux} in Debian's kernel: they print what they printed on silicon. */
@Tag("slow")
class LinuxProgramsTest {
	private static final String[] PROGRAMS = {"segments", "debug"};

	@Test
	void programsPrintWhatTheyPrintOnSilicon() throws Exception {
		Guests.missing().ifPresent(why -> Assumptions.abort(why));
		Debian.Files debian = Debian.fetch("cloud");
		Assumptions.assumeTrue(debian.missing() == null, debian.missing());
		Map<String, byte[]> files = new LinkedHashMap<>();
		StringBuilder commands = new StringBuilder("dmesg -n 1\ncd /root\n");
		for (String p : PROGRAMS) {
			files.put("root/" + p, Files.readAllBytes(Guests.program(p)));
			commands.append("echo '== ").append(p).append("'; timeout 30 ./").append(p).append("; echo == end\n");
		}
		files.put("etc/xen-commands", commands.append("poweroff\n").toString().getBytes(StandardCharsets.UTF_8));
		Path ramdisk = Files.createTempFile("xen-itest", ".cpio");
		try {
			Files.write(ramdisk, archives(Files.readAllBytes(debian.busyboxRamdisk()), files));
			Xen.Outcome o = Xen.run("boot", debian.kernel().toString(), "--ramdisk", ramdisk.toString(), "--timeout", "120");
			assertThat(o.status()).as(o::toString).isZero();
			for (String p : PROGRAMS) assertThat(part(o.out(), p)).as(p).isEqualTo(Files.readString(Xen.workspace().resolve("guests/linux/" + p + ".expected")));
		} finally {
			Files.delete(ramdisk);
		}
	}

	private static String part(String out, String program) {
		String begin = "== " + program + "\n";
		int from = out.indexOf(begin), to = out.indexOf("== end\n", from);
		return from < 0 || to < 0 ? out : out.substring(from + begin.length(), to);
	}

	/** A second cpio archive behind the first, as Linux takes them. */
	private static byte[] archives(byte[] first, Map<String, byte[]> files) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		out.write(first);
		pad(out, 512);
		int inode = 1;
		for (var f : files.entrySet()) entry(out, inode++, 0100755, f.getKey(), f.getValue());
		entry(out, 0, 0, "TRAILER!!!", new byte[0]);
		return out.toByteArray();
	}

	private static void entry(ByteArrayOutputStream out, int inode, int mode, String name, byte[] data) throws IOException {
		String header = "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x".formatted(inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length() + 1, 0);
		out.write((header + name + "\0").getBytes(StandardCharsets.US_ASCII));
		pad(out, 4);
		out.write(data);
		pad(out, 4);
	}

	private static void pad(ByteArrayOutputStream out, int to) {
		while (out.size() % to != 0) out.write(0);
	}
}
