package xen.hw.x86smp.oracle;

import java.util.Arrays;

/**
 * The user-visible registers of a CPU, as a test case starts with them or ends with them.
 * Plain and mutable, reused between cases; not thread-safe.
 *
 * <p>General registers are in encoding order (RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8-R15).
 * x87, MMX, SSE and MXCSR are the 512 bytes of FXSAVE64 (SDM vol. 1, table 10-2); behind them are the upper halves of YMM0-15.
 */
final class CpuState {
    public static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;

    public static final long CF = 1, PF = 4, AF = 0x10, ZF = 0x40, SF = 0x80, TF = 0x100, IF = 0x200,
            DF = 0x400, OF = 0x800, AC = 0x4_0000, ID = 0x20_0000;
    /** The six status flags. */
    public static final long STATUS = CF | PF | AF | ZF | SF | OF;

    /** Offsets in {@link #fx}. */
    public static final int FCW = 0, FSW = 2, FTW = 4, MXCSR = 24, ST0 = 32, XMM0 = 160, YMM_HIGH0 = 512;
    /** Bytes of FXSAVE64, and of {@link #fx}. */
    public static final int FXSAVE = 512, FX_SIZE = 768;

    public final long[] gpr = new long[16];
    public long rip;
    public long rflags = IF | 2;
    public final byte[] fx = new byte[FX_SIZE];

    public CpuState() {
        put16(FCW, 0x37F);
        put32(MXCSR, 0x1F80);
    }

    public void copyFrom(CpuState s) {
        System.arraycopy(s.gpr, 0, gpr, 0, 16);
        System.arraycopy(s.fx, 0, fx, 0, FX_SIZE);
        rip = s.rip;
        rflags = s.rflags;
    }

    public int get16(int at) {
        return fx[at] & 0xFF | (fx[at + 1] & 0xFF) << 8;
    }

    public int get32(int at) {
        return get16(at) | get16(at + 2) << 16;
    }

    public long get64(int at) {
        return get32(at) & 0xFFFF_FFFFL | (long) get32(at + 4) << 32;
    }

    public void put16(int at, int v) {
        fx[at] = (byte) v;
        fx[at + 1] = (byte) (v >> 8);
    }

    public void put32(int at, int v) {
        put16(at, v);
        put16(at + 2, v >> 16);
    }

    public void put64(int at, long v) {
        put32(at, (int) v);
        put32(at + 4, (int) (v >> 32));
    }

    /** Physical order is not kept by FXSAVE: {@code i} counts from the top of the x87 stack. */
    public byte[] st(int i) {
        return Arrays.copyOfRange(fx, ST0 + 16 * i, ST0 + 16 * i + 10);
    }

    /** Low and high quadword of XMM register {@code i}. */
    public long xmm(int i, int half) {
        return get64(XMM0 + 16 * i + 8 * half);
    }

    public void xmm(int i, long low, long high) {
        put64(XMM0 + 16 * i, low);
        put64(XMM0 + 16 * i + 8, high);
    }
}
