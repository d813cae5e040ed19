package xen.toolstack.builder;

import xen.kernel.api.hw.Raw;

/** The hypercall page of a 64-bit PV guest: a stub of 32 bytes for each number (public/arch-x86/xen.h). */
final class HypercallPage {
    private static final int IRET = 23;

    private HypercallPage() {}

    static void write(long at) {
        for (int nr = 0; nr < 128; nr++) {
            long stub = at + nr * 32L;
            byte[] code = nr == IRET ? iret() : call(nr);
            Raw.fill(stub, 32, 0xcc);
            Raw.put(stub, code, 0, code.length);
        }
    }

    /** push rcx; push r11; mov eax, nr; syscall; pop r11; pop rcx; ret */
    private static byte[] call(int nr) {
        return bytes(0x51, 0x41, 0x53, 0xb8, nr, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3);
    }

    /** iret does not come back and takes its whole frame from the stack: push rcx; push r11; push rax; mov eax, 23; syscall */
    private static byte[] iret() { return bytes(0x51, 0x41, 0x53, 0x50, 0xb8, IRET, 0, 0, 0, 0x0f, 0x05); }

    private static byte[] bytes(int... values) {
        byte[] b = new byte[values.length];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) values[i];
        }
        return b;
    }
}
