package xen.cpu.bytecode;

import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.engine.Stepper;
import xen.hw.x86smp.rules.Flags;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * What regions know of a CPU, for each run copied from the frame and back: fields of a Java object, because these cost the JVM's compilers the
 * least. Public for the regions' classes, which read and write them by name; used by one CPU's thread.
 */
public final class Registers {
    static final String GENERAL = "r";

    /** From the frame: the register file, the TLB, the address-space tag. */
    public long file, tlb, tag;
    /** Page of the block that is entered, and of the block that is left in front of an instruction; next instruction behind a jump. */
    public long page, rip;
    /** Instructions that may still retire. */
    public long budget;
    /** Lazy flags as in {@link Flags}: kind, result, operands. */
    public int fk;
    public long fr, fa, fb;
    public long r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15;

    private final long frame;
    private final Stepper stepper;

    Registers(long frame, Stepper stepper) {
        this.frame = frame;
        this.stepper = stepper;
    }

    /** For an instruction that is not translated; all state is in these fields, before and afterwards. @return as of {@link Stepper} */
    public int step(CodeBlock block, int index) {
        store();
        int result = stepper.step(block, index);
        load();
        return result;
    }

    void load() {
        file = Raw.get64(frame + EngineFrame.FILE);
        tlb = Raw.get64(frame + EngineFrame.TLB);
        tag = Raw.get64(frame + EngineFrame.TAG);
        page = Raw.get64(frame + EngineFrame.PAGE);
        budget = Raw.get64(frame + EngineFrame.BUDGET);
        fk = Flags.RAW;
        fr = PartialFlags.unpack(Raw.get64(frame + EngineFrame.FLAGS));
        long g = file + VcpuContext.GPR;
        r0 = Raw.get64(g);
        r1 = Raw.get64(g + 8);
        r2 = Raw.get64(g + 16);
        r3 = Raw.get64(g + 24);
        r4 = Raw.get64(g + 32);
        r5 = Raw.get64(g + 40);
        r6 = Raw.get64(g + 48);
        r7 = Raw.get64(g + 56);
        r8 = Raw.get64(g + 64);
        r9 = Raw.get64(g + 72);
        r10 = Raw.get64(g + 80);
        r11 = Raw.get64(g + 88);
        r12 = Raw.get64(g + 96);
        r13 = Raw.get64(g + 104);
        r14 = Raw.get64(g + 112);
        r15 = Raw.get64(g + 120);
    }

    void store() {
        Raw.put64(frame + EngineFrame.PAGE, page);
        Raw.put64(frame + EngineFrame.RIP, rip);
        Raw.put64(frame + EngineFrame.BUDGET, budget);
        Raw.put64(frame + EngineFrame.FLAGS, PartialFlags.pack(Flags.arithmetic(fk, fr, fa, fb)));
        long g = file + VcpuContext.GPR;
        Raw.put64(g, r0);
        Raw.put64(g + 8, r1);
        Raw.put64(g + 16, r2);
        Raw.put64(g + 24, r3);
        Raw.put64(g + 32, r4);
        Raw.put64(g + 40, r5);
        Raw.put64(g + 48, r6);
        Raw.put64(g + 56, r7);
        Raw.put64(g + 64, r8);
        Raw.put64(g + 72, r9);
        Raw.put64(g + 80, r10);
        Raw.put64(g + 88, r11);
        Raw.put64(g + 96, r12);
        Raw.put64(g + 104, r13);
        Raw.put64(g + 112, r14);
        Raw.put64(g + 120, r15);
    }
}
