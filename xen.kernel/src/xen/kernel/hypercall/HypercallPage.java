package xen.kernel.hypercall;

import xen.kernel.api.hw.Raw;

/** The hypercall page of kernels that want one: 32 bytes a number that load RAX and execute SYSCALL, with RCX and R11 preserved. */
public final class HypercallPage {
    private static final int STUB = 32, IRET = 23;

    private HypercallPage() {}

    /** Fills the page at host address {@code host}. */
    public static void fill(long host) {
        Raw.fill(host, 4096, 0xcc);
        for (int n = 0; n < HypercallTable.SIZE; n++) {
            long p = host + (long) n * STUB;
            p = bytes(p, 0x51, 0x41, 0x53);                 // push %rcx; push %r11
            p = n == IRET ? bytes(p, 0x50) : p;             // push %rax: the iret frame starts with it
            p = bytes(p, 0xb8, n, 0, 0, 0, 0x0f, 0x05);     // mov $n,%eax; syscall
            if (n != IRET) {
                bytes(p, 0x41, 0x5b, 0x59, 0xc3);           // pop %r11; pop %rcx; ret
            }
        }
    }

    private static long bytes(long at, int... values) {
        for (int v : values) {
            Raw.put8(at++, v);
        }
        return at;
    }
}
