package xen.hw.x86smp.exec;

/** End of a block that ends without a jump: the next instruction follows, in this page or at the start of the next. */
final class FallThrough extends Op {
    private final short nextOff;

    /** @param nextOff page offset of the next instruction, up to 4096 + 14 */
    FallThrough(int nextOff) { this.nextOff = (short) nextOff; }

    @Override public void exec(InterpreterCpu c) {
        c.rip = c.longMode ? c.page + nextOff : c.page + nextOff & 0xffff_ffffL;
        if (nextOff < 4096) {
            c.next = c.block.fall;
            c.link = InterpreterCpu.LINK_FALL;
        } else {
            c.next = null;
            c.link = InterpreterCpu.LINK_NONE;
        }
    }
}
