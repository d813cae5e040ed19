package xen.hw.x86smp.oracle;

/**
 * One differential test: code, the mode it runs in, and everything it can read.
 *
 * <p>{@code code} is what is under test, without the jump that ends the case: {@link #window()}
 * appends it. {@code start.rip} says where the code begins; the code must fit the window of
 * {@link Sandbox#WINDOW_SIZE} bytes that holds this address. The data pages start as
 * {@code data}, which is not written: results are in {@link Outcome}.
 */
record CpuCase(byte[] code, boolean compat, CpuState start, byte[] data) {

    public CpuCase {
        if (data.length != Sandbox.DATA_SIZE) {
            throw new IllegalArgumentException("data must be " + Sandbox.DATA_SIZE + " bytes");
        }
        if (start.rip < Sandbox.CODE || start.rip + code.length > windowAddress(start.rip) + Sandbox.WINDOW_SIZE) {
            throw new IllegalArgumentException("code outside its window");
        }
    }

    /** Address of the window that holds the code. */
    public long windowAddress() {
        return windowAddress(start.rip);
    }

    private static long windowAddress(long rip) {
        return rip & -Sandbox.WINDOW_SIZE;
    }

    /** Address just behind the code: reaching it ends the case. */
    public long end() {
        return start.rip + code.length;
    }

    /** The window's bytes: INT3, the code, a near jump to the exit (as far as it fits), INT3. */
    public byte[] window() {
        byte[] w = new byte[Sandbox.WINDOW_SIZE];
        java.util.Arrays.fill(w, (byte) 0xCC);
        int at = (int) (start.rip - windowAddress());
        System.arraycopy(code, 0, w, at, code.length);
        at += code.length;
        if (at + 5 <= w.length) {
            int rel = (int) ((compat ? Sandbox.EXIT_32 : Sandbox.EXIT_64) - (end() + 5));
            w[at] = (byte) 0xE9;
            for (int i = 0; i < 4; i++) {
                w[at + 1 + i] = (byte) (rel >> 8 * i);
            }
        }
        return w;
    }
}
