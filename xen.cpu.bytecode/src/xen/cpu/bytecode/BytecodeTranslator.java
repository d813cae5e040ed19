package xen.cpu.bytecode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.Translator;
import xen.hw.x86smp.rules.Flags;
import xen.kernel.api.hw.Raw;

/**
 * The translator of one board: its regions and exits by number, and the way from region to region. Regions of dropped code stay until
 * the table is full; then everything goes, and the classes with it.
 */
final class BytecodeTranslator implements Translator {
    /** The lazy flags between regions, behind the fields of {@link EngineFrame}: kind, result, operands as in {@link Flags}. */
    static final int FK = EngineFrame.PRIVATE, FR = FK + 8, FA = FK + 16, FB = FK + 24;
    /** Classes at most, about 10 KiB of metaspace each. */
    private static final int REGIONS = 8192;

    private final int threshold;
    private final Warmer warmer = new Warmer();
    private volatile Region[] regions;
    private volatile ExitPoint[] exits;
    private int regionCount, exitCount;
    private long bytes;

    BytecodeTranslator(int threshold) {
        this.threshold = threshold;
        reset();
    }

    @Override public int threshold() { return threshold; }

    @Override public boolean translate(CodeBlock block) {
        if (regionCount == REGIONS) {
            warmer.forget();
            return false;
        }
        Shape shape = Shape.around(block, threshold / 8, Shape.LARGEST);
        if (shape == null) {
            return true;
        }
        int before = exitCount;
        byte[] code = new RegionWriter(this, shape).write();
        for (int limit = Shape.LARGEST / 2; code.length > RegionWriter.LONGEST; limit /= 2) {
            exitCount = before;
            shape = Shape.around(block, threshold / 8, limit);
            if (shape == null) {
                return true;
            }
            code = new RegionWriter(this, shape).write();
        }
        regions[regionCount] = define(code);
        bytes += code.length;
        // published with the block's entry: whoever sees the entry sees its exits
        VarHandle.releaseFence();
        regionCount++;
        if (block.heat < threshold) {
            // asked for before its time: wanted now
            block.entry = regionCount;
        } else {
            warmer.add(regions[regionCount - 1], block, regionCount);
        }
        return true;
    }

    private static Region define(byte[] code) {
        try {
            return (Region) MethodHandles.lookup().defineHiddenClass(code, true).lookupClass().getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("a region's class is well formed", e);
        }
    }

    /** Registers an exit in front of instruction {@code index}; -1 = behind a jump. */
    int newExit(CodeBlock block, int index) {
        ExitPoint[] all = exits;
        if (exitCount == all.length) {
            all = Arrays.copyOf(all, 2 * all.length);
            exits = all;
        }
        all[exitCount] = new ExitPoint(block, index, index < 0 ? ExitPoint.BY_CACHE : 0);
        return exitCount++;
    }

    /** The region behind an entry. */
    Region region(long entry) { return regions[(int) entry - 1]; }

    @Override public int run(long frame, long entry) {
        Raw.put64(frame + FK, Flags.RAW);
        Raw.put64(frame + FR, PartialFlags.unpack(Raw.get64(frame + EngineFrame.FLAGS)));
        long jumps = Raw.get64(frame + EngineFrame.JUMP_CACHE), tag = Raw.get64(frame + EngineFrame.TAG);
        Region[] all = regions;
        int exit = all[(int) entry - 1].run(frame);
        while (exit < 0) {
            long rip = Raw.get64(frame + EngineFrame.RIP), slot = jumps + EngineFrame.jumpSlot(rip) * 16L;
            if (Raw.get64(slot) != (rip << 12 | tag)) {
                exit = ~exit;
                break;
            }
            Raw.put64(frame + EngineFrame.PAGE, rip & -4096L);
            exit = all[(int) Raw.get64(slot + 8) - 1].run(frame);
        }
        Raw.put64(frame + EngineFrame.FLAGS, PartialFlags.pack(Flags.arithmetic((int) Raw.get64(frame + FK), Raw.get64(frame + FR),
                Raw.get64(frame + FA), Raw.get64(frame + FB))));
        return exit;
    }

    @Override public ExitPoint exit(int id) { return exits[id]; }

    /** Links are the region's own or go through the jump cache. */
    @Override public void link(ExitPoint from, CodeBlock target) { }

    @Override public void reset() {
        warmer.forget();
        regions = new Region[REGIONS];
        exits = new ExitPoint[1024];
        regionCount = exitCount = 0;
        bytes = 0;
    }

    @Override public long codeBytes() { return bytes; }

    @Override public void close() {
        warmer.close();
        reset();
    }
}
