package xen.hw.x86smp.exec;

import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.engine.Stepper;
import xen.kernel.api.hw.Raw;

/** Single instructions for the translated code of one CPU, on its thread. A fault is not reported: tier 0 executes the instruction again, and faults. */
final class Steps implements Stepper {
    private final InterpreterCpu cpu;
    private final long frame;

    Steps(InterpreterCpu cpu, long frame) {
        this.cpu = cpu;
        this.frame = frame;
    }

    @Override public int step(CodeBlock block, int index) {
        Block b = (Block) block;
        InterpreterCpu c = cpu;
        long f = frame, before = c.remaining, flags = Raw.get64(f + EngineFrame.FLAGS);
        c.decoded(b);
        c.block = b;
        c.page = Raw.get64(f + EngineFrame.PAGE);
        Raw.put64(c.regs + Ea.PAGE, c.page);
        c.fk = LazyFlags.RAW;
        c.fr = flags >>> 8 & (LazyFlags.ARITHMETIC & 0xff) | (flags & 1) << 11;
        c.other = Raw.get64(f + EngineFrame.OTHER);
        // what is left of the run's budget in front of the block
        c.remaining = c.budget - Raw.get64(f + EngineFrame.TSC_START) + Raw.get64(f + EngineFrame.BUDGET) + b.count;
        c.limit = 1;
        int result;
        try {
            b.plain[index].exec(c);
            if (c.staged()) {
                c.commitStaged(null);
            }
            result = c.limit == 0 ? LEAVE : DONE;
        } catch (GuestException e) {
            c.dropStaged();
            result = FAULT;
        }
        c.remaining = before;
        long now = c.arithmetic();
        Raw.put64(f + EngineFrame.FLAGS, (now & 0xff) << 8 | now >>> 11 & 1);
        Raw.put64(f + EngineFrame.OTHER, c.other);
        return result;
    }
}
