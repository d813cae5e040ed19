package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

/**
 * Where the guest's arithmetic flags are while a block is emitted: in the frame's slot, in the host's flags, in both, or to be had by a recipe. Saving and
 * restoring use LAHF/SAHF and an overflow trick (ADD AL, 127), a fraction of what PUSHF and POPF cost. All use R10 as scratch.
 */
final class FlagState {
    private final Assembler a;
    private boolean inSlot = true, inHost;
    private FlagRecipe recipe;

    FlagState(Assembler a) { this.a = a; }

    /** Makes the slot current; host flags stay as they are. */
    void save() {
        if (inSlot) {
            return;
        }
        if (!inHost) {
            recipe.emit(a);
            inHost = true;
        }
        store(a);
        inSlot = true;
        recipe = null;
    }

    /** The host's flags into the slot. */
    static void store(Assembler a) {
        a.mov(R10, RAX);
        a.b(0x9f);
        a.b(0x0f);
        a.b(0x90);
        a.b(0xc0);
        a.store32(RSP, Frame.FLAGS, RAX);
        a.mov(RAX, R10);
    }

    /** Makes the host's flags current. */
    void restore() {
        if (inHost) {
            return;
        }
        if (inSlot) {
            a.mov(R10, RAX);
            a.rm(false, 0x8b, RAX, RSP, Frame.FLAGS);
            a.b(0x04);
            a.b(0x7f);
            a.b(0x9e);
            a.mov(RAX, R10);
        } else {
            recipe.emit(a);
        }
        inHost = true;
    }

    /** Something that follows destroys the host's flags. */
    void clobber() {
        if (recipe == null) {
            save();
        }
        inHost = false;
    }

    /** A guest instruction set the host's flags. */
    void written() {
        inHost = true;
        inSlot = false;
        recipe = null;
    }

    /** From here on the flags are neither in the slot nor in the host's, but to be had by {@code r}. */
    void only(FlagRecipe r) {
        recipe = r;
        inSlot = inHost = false;
    }

    /** The slot has them. */
    boolean saved() { return inSlot; }

    /** What an exit taken here has to do for the slot; null = nothing. */
    FlagRecipe pending() { return recipe; }
}
