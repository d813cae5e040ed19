package xen.kernel.api.block;

/** What a block request asks for. */
public enum BlockOp {
    READ, WRITE,
    /** A write after all earlier ones and before all later ones, durable at completion. */
    BARRIER,
    /** What was completed before is durable afterwards. */
    FLUSH,
    DISCARD;

    /** True when it changes what is stored. */
    public boolean writes() { return this == WRITE || this == BARRIER || this == DISCARD; }

    /** True when bytes go from or to memory. */
    public boolean transfers() { return this == READ || this == WRITE || this == BARRIER; }
}
