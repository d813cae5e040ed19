package xen.hw.x86smp.oracle;

/**
 * The address map in which a test case runs, the same in the silicon and in an engine.
 *
 * <p>Everything lies below 4 GiB, so that 32-bit addresses, absolute displacements and
 * compatibility mode reach it. Whatever is not named here is unmapped. The two data pages are
 * adjacent, so that accesses can straddle a page, and guarded on both sides.
 */
final class Sandbox {
    /** Page of code: readable and executable, not writable. */
    public static final long CODE = 0x1000_0000L;
    public static final int CODE_SIZE = 0x1000;

    /** A case fills one window of the code page; the rest of the page is INT3. */
    public static final int WINDOW_SIZE = 0x100;

    /** Two pages of data: readable and writable, not executable; the case's stack is in them. */
    public static final long DATA = 0x1001_0000L;
    public static final int DATA_SIZE = 0x2000;

    /** One page that can only be read, of zeros. */
    public static final long READ_ONLY = 0x1002_0000L;
    public static final int READ_ONLY_SIZE = 0x1000;

    /** Bases of FS and GS: offsets into the data pages. */
    public static final long FS_BASE = DATA + 0x400;
    public static final long GS_BASE = DATA + 0x1400;

    /** A jump to one of these ends the case; an engine sees an instruction fetch fault there. */
    public static final long EXIT_64 = 0x0D00_0800L;
    public static final long EXIT_32 = 0x0D00_0900L;
    /** Page of the two. */
    static final long EXITS = 0x0D00_0000L;

    /** Code selectors of Linux for the two modes. */
    public static final int CS_64 = 0x33;
    public static final int CS_32 = 0x23;

    private Sandbox() {
    }
}
