package xen.bench.process;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Archives of one file for a guest's RAM disk. Linux unpacks archives one after the other: a later one wins. */
public final class Cpio {
	private static final int DIRECTORY = 0040755, PROGRAM = 0100755;

	private Cpio() {}

	/** An archive of one program; {@code folders} are made before it. */
	public static byte[] program(String name, byte[] content, String... folders) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		for (String f : folders) entry(out, f, DIRECTORY, new byte[0]);
		entry(out, name, PROGRAM, content);
		entry(out, "TRAILER!!!", 0, new byte[0]);
		return out.toByteArray();
	}

	private static void entry(ByteArrayOutputStream out, String name, int mode, byte[] content) {
		StringBuilder header = new StringBuilder("070701");
		for (int v : new int[] {1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length() + 1, 0}) header.append("%08x".formatted(v));
		out.writeBytes((header + name + "\0").getBytes(StandardCharsets.US_ASCII));
		while (out.size() % 4 != 0) out.write(0);
		out.writeBytes(content);
		while (out.size() % 4 != 0) out.write(0);
	}
}
