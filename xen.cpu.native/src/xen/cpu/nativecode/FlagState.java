package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

/**
 * Where the guest's arithmetic flags are while a block is emitted: in the frame's slot, in the host's flags, or in both. Saving and
 * restoring use LAHF/SAHF and an overflow trick (ADD AL, 127), a fraction of what PUSHF and POPF cost. Both use R10 as scratch.
 */
final class FlagState {
    private final Assembler a;
    private boolean inSlot = true, inHost;

    FlagState(Assembler a) { this.a = a; }

    /** Makes the slot current; host flags stay as they are. */
    void save() {
        if (inSlot) {
            return;
        }
        a.mov(R10, RAX);
        a.b(0x9f);
        a.b(0x0f);
        a.b(0x90);
        a.b(0xc0);
        a.store32(RSP, Frame.FLAGS, RAX);
        a.mov(RAX, R10);
        inSlot = true;
    }

    /** Makes the host's flags current. */
    void restore() {
        if (inHost) {
            return;
        }
        a.mov(R10, RAX);
        a.rm(false, 0x8b, RAX, RSP, Frame.FLAGS);
        a.b(0x04);
        a.b(0x7f);
        a.b(0x9e);
        a.mov(RAX, R10);
        inHost = true;
    }

    /** Something that follows destroys the host's flags. */
    void clobber() {
        save();
        inHost = false;
    }

    /** A guest instruction set the host's flags. */
    void written() {
        inHost = true;
        inSlot = false;
    }
}
