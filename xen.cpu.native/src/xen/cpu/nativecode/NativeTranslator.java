package xen.cpu.nativecode;

import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.Translator;
import xen.kernel.api.hw.Raw;

/** The translator of one board: the code area, the exits of everything emitted, and the call into it. */
final class NativeTranslator implements Translator {
    final Coverage coverage;
    final Stubs stubs;
    private final CodeArea area;
    private final int threshold;
    private final MethodHandle enter;
    private final List<ExitPoint> exits = new ArrayList<>();

    NativeTranslator(CodeArea area, HostFeatures host, int threshold) {
        this.area = area;
        this.threshold = threshold;
        coverage = new Coverage(host);
        stubs = new Stubs(area.write);
        area.take(stubs.end);
        enter = area.entry();
    }

    @Override public int threshold() { return threshold; }

    @Override public boolean translate(CodeBlock block) {
        if (area.left() < (long) (block.insns.length + 2) * BlockEmitter.MAX_PER_INSTRUCTION) {
            return false;
        }
        int before = exits.size();
        long at = area.write + area.top();
        long end = new BlockEmitter(this, block, at, area.write).emit();
        if (end == 0) {
            exits.subList(before, exits.size()).clear();
            return true;
        }
        block.entry = area.execute + area.top();
        area.take(end - area.write);
        return true;
    }

    /** Registers an exit in front of instruction {@code index} of a block (-1 = behind it); {@code site} is a jump's displacement or 0. */
    int newExit(CodeBlock block, int index, long site) {
        exits.add(new ExitPoint(block, index, site));
        return exits.size() - 1;
    }

    @Override public int run(long frame, long entry) {
        try {
            enter.invokeExact(frame, entry);
        } catch (Throwable t) {
            throw new AssertionError("emitted code does not throw", t);
        }
        return Raw.get32(frame + EngineFrame.EXIT);
    }

    @Override public ExitPoint exit(int id) { return exits.get(id); }

    @Override public void link(ExitPoint from, CodeBlock target) {
        Assembler.patch(from.site(), target.entry - area.execute + area.write);
    }

    @Override public void reset() {
        exits.clear();
        area.reset(stubs.end);
    }

    @Override public long codeBytes() { return area.top(); }

    @Override public void close() { area.close(); }
}
