package xen.cpu.nativecode;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
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
    /** Null where the host has no CMPXCHG16B. */
    private final MethodHandle exchange16;
    /** By number; replaced, never changed below {@link #exitCount}, so that CPUs read it without a lock. */
    private volatile ExitPoint[] exits = new ExitPoint[1024];
    private int exitCount;

    NativeTranslator(CodeArea area, HostFeatures host, int threshold) {
        this.area = area;
        this.threshold = threshold;
        coverage = new Coverage(host);
        stubs = new Stubs(area.write, host.has("AVX"));
        area.take(stubs.end);
        enter = area.entry();
        exchange16 = host.exchanges16() ? area.function(stubs.exchange16) : null;
    }

    @Override public int threshold() { return threshold; }

    @Override public boolean translate(CodeBlock block) {
        if (area.left() < (long) (block.insns.length + 3) * BlockEmitter.MAX_PER_INSTRUCTION) {
            return false;
        }
        int before = exitCount;
        long at = area.write + area.top();
        long end = new BlockEmitter(this, block, at, area.write).emit();
        if (end == 0) {
            exitCount = before;
            return true;
        }
        // published with the block's entry: whoever sees the entry sees its exits
        VarHandle.releaseFence();
        block.entry = area.execute + area.top();
        area.take(end - area.write);
        return true;
    }

    /** Registers an exit in front of instruction {@code index} of a block (-1 = behind it); {@code site} is a jump's displacement or 0. */
    int newExit(CodeBlock block, int index, long site) {
        ExitPoint[] all = exits;
        if (exitCount == all.length) {
            all = Arrays.copyOf(all, 2 * all.length);
            exits = all;
        }
        all[exitCount] = new ExitPoint(block, index, site);
        return exitCount++;
    }

    @Override public int run(long frame, long entry) {
        try {
            enter.invokeExact(frame, entry);
        } catch (Throwable t) {
            throw new AssertionError("emitted code does not throw", t);
        }
        return Raw.get32(frame + EngineFrame.EXIT);
    }

    @Override public boolean takesCrossing() { return true; }

    @Override public boolean canExchange16() { return exchange16 != null; }

    @Override public boolean exchange16(long file, long address) {
        try {
            return (long) exchange16.invokeExact(file, address) != 0;
        } catch (Throwable t) {
            throw new AssertionError("emitted code does not throw", t);
        }
    }

    @Override public ExitPoint exit(int id) { return exits[id]; }

    @Override public void link(ExitPoint from, CodeBlock target) {
        Assembler.patch(from.site(), target.entry - area.execute + area.write);
    }

    @Override public void reset() {
        exits = new ExitPoint[1024];
        exitCount = 0;
        area.reset(stubs.end);
    }

    @Override public long codeBytes() { return area.top(); }

    @Override public void close() { area.close(); }
}
