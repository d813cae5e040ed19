package xen.hw.x86smp;

import java.util.ArrayList;
import java.util.List;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.Surroundings;
import xen.hw.x86smp.engine.Translator;
import xen.kernel.api.hw.Raw;

/** An engine whose translations do nothing but leave to tier 0 in front of their first instruction. */
final class HollowEngine implements Engine {
    volatile int attached, closed;

    @Override public String name() { return "hollow"; }

    @Override public Translator attach() {
        attached++;
        return new Hollow();
    }

    private final class Hollow implements Translator {
        private final List<ExitPoint> exits = new ArrayList<>();

        @Override public int threshold() { return 1; }

        @Override public boolean translate(CodeBlock block, Surroundings near) {
            exits.add(new ExitPoint(block, 0, 0));
            block.entry = exits.size();
            return true;
        }

        @Override public int run(long frame, long entry) {
            int n = exits.get((int) entry - 1).block().insns.length;
            // the budget as if the block had been entered
            Raw.put64(frame + EngineFrame.BUDGET, Raw.get64(frame + EngineFrame.BUDGET) - n);
            return (int) entry - 1;
        }

        @Override public ExitPoint exit(int id) { return exits.get(id); }

        @Override public void link(ExitPoint from, CodeBlock target) { }

        @Override public void reset() { exits.clear(); }

        @Override public long codeBytes() { return 0; }

        @Override public void close() { closed++; }
    }
}
