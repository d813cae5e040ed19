package xen.cpu.nativecode;

import xen.hw.x86smp.engine.EngineFrame;

/**
 * How guest state lies in the host while translated code runs. Guest registers keep their numbers, but RSP lives in host R15, and
 * R9, R10, R11 and R15 in slots of the frame on the C stack; host R9, R10 and R11 are scratch. XMM registers keep their numbers; they are
 * loaded at the first block that needs them.
 */
final class Frame {
    /** The first fields are the {@link EngineFrame}'s own, copied in and out. */
    static final int FILE = EngineFrame.FILE, TLB = EngineFrame.TLB, TAG = EngineFrame.TAG, PAGE = EngineFrame.PAGE,
            BUDGET = EngineFrame.BUDGET, FLAGS = EngineFrame.FLAGS, JUMP_CACHE = EngineFrame.JUMP_CACHE, RIP = EngineFrame.RIP, HOST_CACHE = EngineFrame.HOST_CACHE;
    static final int G9 = 80, G10 = 88, G11 = 96, G15 = 104;
    /** Not 0: the XMM registers hold the guest's. */
    static final int VEC_LIVE = 112;
    /** A jump target while the stack is checked; the caller's EngineFrame; the host's MXCSR. */
    static final int TARGET = 120, OUTSIDE = 128, HOST_MXCSR = 136;
    /** Of the jump lookup: where it goes back to, the code's host address, its slot in the host cache. */
    static final int CONTINUE = 144, HOST_KEY = 152, HOST_SLOT = 160;
    /** Of REP: guest address minus host address of the destination and the source; of IRET: the new flags and RSP. */
    static final int DELTA_TO = 168, DELTA_FROM = 176;
    static final int SIZE = 184;

    /** Guest RSP's host register. */
    static final int GUEST_RSP = Assembler.R15;

    private Frame() {}

    /** Host register of a guest register, or -1 when it is in a slot. */
    static int host(int guest) {
        return switch (guest) {
            case 4 -> GUEST_RSP;
            case 9, 10, 11, 15 -> -1;
            default -> guest;
        };
    }

    static int slot(int guest) {
        return switch (guest) {
            case 9 -> G9;
            case 10 -> G10;
            case 11 -> G11;
            case 15 -> G15;
            default -> throw new AssertionError("r" + guest + " is in a register");
        };
    }
}
