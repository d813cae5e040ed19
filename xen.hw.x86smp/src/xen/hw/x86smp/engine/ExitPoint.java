package xen.hw.x86smp.engine;

/**
 * Where translated code leaves to tier 0.
 *
 * @param block the block that was left
 * @param index instruction of the block to go on with, not yet executed; -1 = the block is done and RIP is in the frame
 * @param site 0: not a jump; {@link #BY_CACHE}: a jump through the jump cache, to be entered there; {@link #SYSTEM_CALL}: the block ended with SYSCALL, which is
 *     done, and so is the run; else where the engine connects a link
 */
public record ExitPoint(CodeBlock block, int index, long site) {
    public static final long BY_CACHE = 1, SYSTEM_CALL = 2;

    /** The site is a jump's that can be connected. */
    public static boolean connects(long site) { return site > SYSTEM_CALL; }
}
