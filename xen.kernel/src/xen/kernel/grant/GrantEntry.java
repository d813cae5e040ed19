package xen.kernel.grant;

import xen.kernel.api.hw.Raw;

/** A version 1 grant entry in shared memory: flags u16, domid u16, frame u32. The guest changes it at any time; so only by CAS here. */
final class GrantEntry {
    static final int SIZE = 8, PER_FRAME = 512;
    static final int TYPE = 3, PERMIT_ACCESS = 1, READONLY = 4, READING = 8, WRITING = 16, SUB_PAGE = 256;

    private GrantEntry() {}

    static long frame(long at) { return Raw.getU32(at + 4); }

    static void write(long at, int flags, int domid, long frame) {
        Raw.put32(at + 4, (int) frame);
        Raw.put32Release(at, flags | domid << 16);
    }

    /**
     * Marks the entry as in use by {@code domid}.
     *
     * @return {@link GrantStatus#OKAY} or why not; then nothing has changed
     */
    static int use(long at, int domid, boolean readOnly) {
        // a guest that keeps changing its entry meanwhile gets an error, not an endless loop
        for (int tries = 0; tries < 5; tries++) {
            int word = Raw.get32Acquire(at);
            if ((word & TYPE) != PERMIT_ACCESS || word >>> 16 != domid || (word & SUB_PAGE) != 0 || !readOnly && (word & READONLY) != 0) {
                return GrantStatus.GENERAL_ERROR;
            }
            if (Raw.cas32(at, word, word | READING | (readOnly ? 0 : WRITING))) {
                return GrantStatus.OKAY;
            }
        }
        return GrantStatus.GENERAL_ERROR;
    }

    /** Takes back in-use marks. */
    static void clear(long at, int marks) {
        for (int word = Raw.get32Acquire(at); !Raw.cas32(at, word, word & ~marks); word = Raw.get32Acquire(at)) {
            // the guest changed it between: again
        }
    }
}
