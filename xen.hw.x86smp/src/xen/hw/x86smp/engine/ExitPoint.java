package xen.hw.x86smp.engine;

/**
 * Where translated code leaves to tier 0.
 *
 * @param block the block that was left
 * @param index instruction of the block to go on with, not yet executed; -1 = the block is done and RIP is in the frame
 * @param site engine's own: where to patch a link, 0 = not linkable
 */
public record ExitPoint(CodeBlock block, int index, long site) {}
