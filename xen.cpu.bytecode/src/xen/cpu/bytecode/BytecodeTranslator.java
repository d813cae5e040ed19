package xen.cpu.bytecode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.Stepper;
import xen.hw.x86smp.engine.Surroundings;
import xen.hw.x86smp.engine.Translator;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.Raw;

/**
 * The translator of one board: its regions, their entries and exits by number, and the way from region to region. A block that is hot gets a
 * {@link Kind#Warm} region; an entry of one that has retired many instructions gets a {@link Kind#Hot} one. Regions of dropped code stay
 * until the table is full; then everything goes, and the classes with it.
 *
 * <p>Lock order: the code cache's, this.
 */
final class BytecodeTranslator implements Translator {
    /** In each CPU's frame: which of {@link #cpus} is its, counted from 1. */
    private static final int NUMBER = EngineFrame.PRIVATE;
    /** Classes at most, about 10 KiB of metaspace each. */
    private static final int REGIONS = 8192;

    private final int threshold, hot;
    private final Warmer warmer = new Warmer(this);
    private final Map<CodeBlock, Entry> known = new IdentityHashMap<>();
    private volatile Registers[] cpus = {};
    private volatile Places places;
    private volatile Entry[] entries;
    private volatile ExitPoint[] exits;
    private int entryCount, exitCount, regions, generation;
    private long bytes;

    BytecodeTranslator(int threshold, int hot) {
        this.threshold = threshold;
        this.hot = hot;
        reset();
    }

    @Override public int threshold() { return threshold; }

    @Override public synchronized boolean translate(CodeBlock block, Surroundings near) {
        // asked for before its time: wanted now
        boolean now = block.heat < threshold;
        Entry e = known.get(block);
        if (e != null && !now) {
            if (e.wanted) {
                e.wanted = false;
                block.entry = e.id;
                prepare(block, near, Kind.Hot, false);
            }
            return true;
        }
        if (regions >= REGIONS) {
            return false;
        }
        // tests see both kinds
        prepare(block, near, now && regions % 2 != 0 ? Kind.Hot : Kind.Warm, now);
        return true;
    }

    private void prepare(CodeBlock block, Surroundings near, Kind kind, boolean now) {
        Shape shape = Shape.around(block, near, threshold / 8, kind == Kind.Warm && !now ? known.keySet() : List.of(), kind == Kind.Warm ? 0 : 1);
        if (shape == null) {
            return;
        }
        List<Entry> ways = new ArrayList<>();
        for (CodeBlock b : kind == Kind.Warm ? shape.inPage() : List.of(block)) {
            Entry e = enter(b, ways.size());
            ways.add(e);
            if (kind == Kind.Warm) {
                known.put(b, e);
            }
        }
        regions++;
        Fresh f = new Fresh(shape, kind, ways, generation, !now, near.concurrent());
        if (now) {
            publish(f, define(f));
        } else {
            warmer.add(f);
        }
    }

    private Entry enter(CodeBlock b, int at) {
        Entry[] all = entries;
        if (entryCount == all.length) {
            all = Arrays.copyOf(all, 2 * all.length);
        }
        Entry e = new Entry(entryCount + 1, b, at);
        all[entryCount++] = e;
        // whoever gets the number sees the entry
        entries = all;
        return e;
    }

    /** Writes and defines a region; on any thread. */
    Region define(Fresh f) {
        byte[] code;
        int before;
        synchronized (this) {
            before = exitCount;
            code = new RegionWriter(this, f).write();
            while (code.length > RegionWriter.LONGEST && f.shape().halve()) {
                exitCount = before;
                code = new RegionWriter(this, f).write();
            }
            bytes += code.length;
        }
        try {
            Region r = (Region) MethodHandles.lookup().defineHiddenClass(code, true).lookupClass().getDeclaredConstructor().newInstance();
            r.blocks = f.shape().blocks.toArray(new CodeBlock[0]);
            return r;
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("a region's class is well formed", e);
        }
    }

    /** From now on the region is entered, unless everything was dropped since it was asked for. */
    synchronized void publish(Fresh f, Region r) {
        if (f.generation() != generation) {
            return;
        }
        for (Entry e : f.ways()) {
            if (!f.shape().blocks.contains(e.block)) {
                known.remove(e.block);
                e.block.heat = 0;
                continue;
            }
            e.region = r;
            if (f.kind() == Kind.Warm && f.credit()) {
                e.credit = (long) hot * f.shape().instructions();
            }
            // published with the block's entry: whoever sees it sees all of it
            VarHandle.releaseFence();
            Entry warm = f.kind() == Kind.Hot ? known.get(e.block) : null;
            if (warm != null) {
                warm.better = e;
            }
            if (e.block.valid) {
                e.block.entry = e.id;
                if (e.block.host() != 0 && e.block.longMode && e.block.secondPage == 0) {
                    places = places.with(e);
                }
            }
        }
    }

    /** Registers an exit in front of instruction {@code index}; -1 = behind a jump. */
    int newExit(CodeBlock block, int index) {
        ExitPoint[] all = exits;
        if (exitCount == all.length) {
            all = Arrays.copyOf(all, 2 * all.length);
        }
        all[exitCount] = new ExitPoint(block, index, index < 0 ? ExitPoint.BY_CACHE : 0);
        exits = all;
        return exitCount++;
    }

    /** The region behind an entry. */
    Region region(long entry) { return entries[(int) entry - 1].region; }

    @Override public int run(long frame, long entry) {
        Registers s = cpus[(int) Raw.get64(frame + NUMBER) - 1];
        s.load();
        long jumps = Raw.get64(frame + EngineFrame.JUMP_CACHE), left = s.budget;
        Entry e = entries[(int) entry - 1];
        int exit;
        while (true) {
            exit = e.region.run(s, e.at);
            if ((e.credit -= left - s.budget) < 0) {
                want(e);
            }
            if (exit >= 0) {
                break;
            }
            left = s.budget;
            long rip = s.rip, slot = jumps + EngineFrame.jumpSlot(rip) * 16L;
            e = Raw.get64(slot) == (rip << 12 | s.tag) ? entries[(int) Raw.get64(slot + 8) - 1] : search(frame, s, slot);
            if (e != null && e.better != null) {
                e = e.better;
                Raw.put64(slot + 8, e.id);
            }
            if (e == null || e.wanted) {
                exit = ~exit;
                break;
            }
            s.page = rip & -4096L;
        }
        s.store();
        return exit;
    }

    @Override public synchronized void begin(long frame, Stepper stepper) {
        cpus = Arrays.copyOf(cpus, cpus.length + 1);
        cpus[cpus.length - 1] = new Registers(frame, stepper);
        Raw.put64(frame + NUMBER, cpus.length);
    }

    /** The jump cache does not know where to go on: by the TLB and the host address, without a look into tables of the guest's; or null. */
    private Entry search(long frame, Registers s, long slot) {
        long rip = s.rip, t = s.tlb + (rip >>> Tlb.INDEX_SHIFT & Tlb.INDEX_MASK);
        if (Raw.get64(t + Tlb.EXECUTE) != (rip & -4096L | s.tag)) {
            return null;
        }
        Entry e = places.find(rip + Raw.get64(t + Tlb.ADDEND));
        if (e == null || e.block.entry == 0) {
            return null;
        }
        Raw.put64(slot + 8, e.id);
        Raw.put64(slot, rip << 12 | s.tag);
        if (Raw.get64(frame + EngineFrame.CONCURRENT) != 0) {
            // who drops the translation clears its entry first and then this cache: one of us sees the other
            Raw.fullFence();
            if (e.block.entry == 0) {
                Raw.put64(slot, -1);
                return null;
            }
        }
        return e;
    }

    /** The entry is so hot that a better region is worth it: tier 0 is to ask for one, which holds the lock that this takes. */
    private void want(Entry e) {
        e.credit = Long.MAX_VALUE;
        if (e.block.valid) {
            e.wanted = true;
            e.block.heat = threshold - 1;
            e.block.entry = 0;
        }
    }

    @Override public ExitPoint exit(int id) { return exits[id]; }

    /** Links are the region's own or go through the jump cache. */
    @Override public void link(ExitPoint from, CodeBlock target) { }

    @Override public synchronized void reset() {
        generation++;
        warmer.forget();
        known.clear();
        places = new Places(1024);
        entries = new Entry[1024];
        exits = new ExitPoint[1024];
        entryCount = exitCount = regions = 0;
        bytes = 0;
    }

    @Override public synchronized long codeBytes() { return bytes; }

    @Override public void close() {
        warmer.close();
        reset();
    }
}
