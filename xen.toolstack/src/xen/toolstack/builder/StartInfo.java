package xen.toolstack.builder;

import java.nio.charset.StandardCharsets;
import xen.kernel.api.hw.Raw;
import xen.toolstack.api.ToolstackException;

/** The start_info page (public/xen.h, struct start_info, 64-bit layout). */
final class StartInfo {
    private static final int MAGIC = 0, NR_PAGES = 32, SHARED_INFO = 40, FLAGS = 48, STORE_MFN = 56, STORE_EVTCHN = 64, CONSOLE_MFN = 72,
            CONSOLE_EVTCHN = 80, PT_BASE = 88, NR_PT_FRAMES = 96, MFN_LIST = 104, MOD_START = 112, MOD_LEN = 120, CMD_LINE = 128,
            CMD_LINE_SIZE = 1024, FIRST_P2M_PFN = 1152, NR_P2M_FRAMES = 1160;
    private static final int SIF_MOD_START_PFN = 1 << 3;

    private StartInfo() {}

    static byte[] commandLine(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length >= CMD_LINE_SIZE) {
            throw new ToolstackException("the kernel command line has " + bytes.length + " characters: at most " + (CMD_LINE_SIZE - 1)
                    + " are possible");
        }
        return bytes;
    }

    /** Ports and mfns of the two rings a domain is born with. */
    record Rings(long storeMfn, int storePort, long consoleMfn, int consolePort) {}

    /** Writes the page at host address {@code at} (zeroed before). */
    static void write(long at, BootLayout layout, long sharedInfoMfn, Rings rings, String commandLine) {
        byte[] magic = "xen-3.0-x86_64".getBytes(StandardCharsets.US_ASCII);
        Raw.put(at + MAGIC, magic, 0, magic.length);
        Raw.put64(at + NR_PAGES, layout.pages());
        Raw.put64(at + SHARED_INFO, sharedInfoMfn << 12);
        Raw.put64(at + STORE_MFN, rings.storeMfn);
        Raw.put32(at + STORE_EVTCHN, rings.storePort);
        Raw.put64(at + CONSOLE_MFN, rings.consoleMfn);
        Raw.put32(at + CONSOLE_EVTCHN, rings.consolePort);
        Raw.put64(at + PT_BASE, layout.va(layout.tables().root()));
        Raw.put64(at + NR_PT_FRAMES, layout.tables().count());
        Raw.put64(at + MFN_LIST, layout.p2mVa());
        int flags = 0;
        if (layout.ramdiskBytes() > 0) {
            Raw.put64(at + MOD_START, layout.ramdiskByPfn() ? layout.ramdisk() : layout.va(layout.ramdisk()));
            Raw.put64(at + MOD_LEN, layout.ramdiskBytes());
            flags |= layout.ramdiskByPfn() ? SIF_MOD_START_PFN : 0;
        }
        Raw.put32(at + FLAGS, flags);
        byte[] line = commandLine(commandLine);
        Raw.put(at + CMD_LINE, line, 0, line.length);
        if (layout.p2mApart()) {
            Raw.put64(at + FIRST_P2M_PFN, layout.p2m());
            Raw.put64(at + NR_P2M_FRAMES, layout.p2mPages());
        }
    }
}
