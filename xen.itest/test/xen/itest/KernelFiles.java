package xen.itest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Kernel files made by hand, right except for what a test breaks. */
final class KernelFiles {
	private static final int BASE = 0x400000, CODE = 0x1000;

	private KernelFiles() {}

	/**
	 * An ELF image of one page.
	 *
	 * @param elfClass 2 = 64 bits
	 * @param memory bytes that its segment takes in memory
	 * @param notes with the notes that make it a PV kernel
	 */
	static byte[] elf(int elfClass, long memory, boolean notes) {
		ByteBuffer b = ByteBuffer.allocate(CODE + 16).order(ByteOrder.LITTLE_ENDIAN);
		b.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) elfClass, 1, 1}).position(16);
		b.putShort((short) 2).putShort((short) (elfClass == 2 ? 62 : 3)).putInt(1).putLong(BASE).putLong(64).putLong(0).putInt(0).putShort((short) 64).putShort((short) 56)
				.putShort((short) (notes ? 2 : 1));
		byte[] note = note(6, "handmade"), version = note(5, "xen-3.0"), loader = note(8, "generic");
		int length = note.length + version.length + loader.length + 3 * 24;
		header(b.position(64), 1, CODE, BASE, 16, memory);
		header(b, 4, 512, BASE, length, length);
		b.position(512).put(note).put(version).put(loader).put(number(1, BASE)).put(number(3, 0)).put(number(4, 0));
		return b.position(CODE).put((byte) 0xeb).put((byte) 0xfe).array();
	}

	/** A Linux boot container around a payload. {@code missing} bytes of it are cut off. */
	static byte[] bzImage(byte[] payload, int missing) {
		ByteBuffer b = ByteBuffer.allocate(1024 + payload.length - missing).order(ByteOrder.LITTLE_ENDIAN);
		b.put(0x1f1, (byte) 1).putShort(0x1fe, (short) 0xaa55).putInt(0x202, 0x53726448).putShort(0x206, (short) 0x20f).putInt(0x248, 0).putInt(0x24c, payload.length);
		return b.position(1024).put(payload, 0, payload.length - missing).array();
	}

	private static void header(ByteBuffer b, int type, long offset, long address, long inFile, long inMemory) {
		b.putInt(type).putInt(7).putLong(offset).putLong(address).putLong(address).putLong(inFile).putLong(inMemory).putLong(4096);
	}

	private static byte[] note(int type, String text) {
		return note(type, (text + "\0").getBytes(StandardCharsets.US_ASCII));
	}

	private static byte[] number(int type, long value) {
		return note(type, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
	}

	private static byte[] note(int type, byte[] content) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try {
			out.write(ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(4).putInt(content.length).putInt(type).put(new byte[] {'X', 'e', 'n', 0}).array());
			out.write(content);
			out.write(new byte[-content.length & 3]);
		} catch (IOException e) {
			throw new AssertionError(e);
		}
		return out.toByteArray();
	}
}
