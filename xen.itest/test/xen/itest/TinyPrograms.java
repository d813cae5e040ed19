package xen.itest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * Static Linux programs of a few dozen bytes, assembled by hand so that the tests need no compiler, as {@code printf} lines for a guest's
 * shell. All of a program is one readable and executable segment at 0x400000.
 */
final class TinyPrograms {
	private static final int BASE = 0x400000;

	/** 32-bit: 1,000 times getppid; the low byte of the last answer is the status. */
	static final String GETPPID_32 = elf32("""
			be e8030000     mov esi, 1000
			b8 40000000  1: mov eax, 64 (getppid)
			cd 80           int 0x80
			89 c7           mov edi, eax
			4e              dec esi
			75 f4           jnz 1b
			89 fb           mov ebx, edi
			81 e3 ff000000  and ebx, 255
			b8 01000000     mov eax, 1 (exit)
			cd 80           int 0x80
			""");

	/** 64-bit: 1,000 times mmap of a page, store, mprotect to read-only, load, munmap; status 0, or 1 when a call fails or a load differs. */
	static final String MAP_LOOP = elf64("""
			bb e8030000        mov ebx, 1000
			31 ff           1: xor edi, edi
			be 00100000        mov esi, 4096
			ba 03000000        mov edx, 3 (read, write)
			41 ba 22000000     mov r10d, 0x22 (private, anonymous)
			49 c7 c0 ffffffff  mov r8, -1
			45 31 c9           xor r9d, r9d
			b8 09000000        mov eax, 9 (mmap)
			0f 05              syscall
			48 89 c5           mov rbp, rax
			48 85 c0           test rax, rax
			78 3b              js 2f
			89 5d 00           mov [rbp], ebx
			48 89 ef           mov rdi, rbp
			be 00100000        mov esi, 4096
			ba 01000000        mov edx, 1 (read)
			b8 0a000000        mov eax, 10 (mprotect)
			0f 05              syscall
			85 c0              test eax, eax
			75 20              jnz 2f
			39 5d 00           cmp [rbp], ebx
			75 1b              jnz 2f
			48 89 ef           mov rdi, rbp
			be 00100000        mov esi, 4096
			b8 0b000000        mov eax, 11 (munmap)
			0f 05              syscall
			85 c0              test eax, eax
			75 08              jnz 2f
			ff cb              dec ebx
			75 9e              jnz 1b
			31 ff              xor edi, edi
			eb 05              jmp 3f
			bf 01000000     2: mov edi, 1
			b8 3c000000     3: mov eax, 60 (exit)
			0f 05              syscall
			""");

	/** 64-bit: stores into its own code segment, which is read-only, and dies of it. */
	static final String STORE_TO_CODE = elf64("""
			c6 05 f9ffffff 00  mov byte [rip - 7], 0
			31 ff              xor edi, edi
			b8 3c000000        mov eax, 60 (exit)
			0f 05              syscall
			""");

	private TinyPrograms() {}

	/** A shell line that writes the program to {@code path} and makes it executable. */
	static String write(String path, String printf) {
		return "printf '" + printf + "' > " + path + "; chmod 755 " + path;
	}

	/** The hexadecimal column of a listing: pairs at the start of each line, up to the first word that is none. */
	private static byte[] code(String listing) {
		StringBuilder hex = new StringBuilder();
		for (String line : listing.split("\n"))
			for (String word : line.strip().split(" +")) {
				if (!word.matches("([0-9a-f]{2})+")) break;
				hex.append(word);
			}
		return HexFormat.of().parseHex(hex);
	}

	private static String elf32(String listing) {
		byte[] code = code(listing);
		ByteBuffer b = header(1, 52 + 32 + code.length);
		b.putShort((short) 2).putShort((short) 3).putInt(1).putInt(BASE + 84).putInt(52).putInt(0).putInt(0).putShort((short) 52).putShort((short) 32).putShort((short) 1)
				.putShort((short) 0).putShort((short) 0).putShort((short) 0);
		b.putInt(1).putInt(0).putInt(BASE).putInt(BASE).putInt(b.capacity()).putInt(b.capacity()).putInt(5).putInt(4096);
		return printf(b.put(code));
	}

	private static String elf64(String listing) {
		byte[] code = code(listing);
		ByteBuffer b = header(2, 64 + 56 + code.length);
		b.putShort((short) 2).putShort((short) 62).putInt(1).putLong(BASE + 120).putLong(64).putLong(0).putInt(0).putShort((short) 64).putShort((short) 56).putShort((short) 1)
				.putShort((short) 0).putShort((short) 0).putShort((short) 0);
		b.putInt(1).putInt(5).putLong(0).putLong(BASE).putLong(BASE).putLong(b.capacity()).putLong(b.capacity()).putLong(4096);
		return printf(b.put(code));
	}

	private static ByteBuffer header(int wordSize, int size) {
		ByteBuffer b = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
		return b.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) wordSize, 1, 1}).position(16);
	}

	private static String printf(ByteBuffer b) {
		StringBuilder s = new StringBuilder();
		for (byte x : b.array()) s.append("\\%03o".formatted(x & 0xff));
		return s.toString();
	}
}
