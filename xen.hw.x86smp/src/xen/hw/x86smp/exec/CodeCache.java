package xen.hw.x86smp.exec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.KeptTranslations;
import xen.hw.x86smp.engine.Surroundings;
import xen.hw.x86smp.engine.Translator;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;

/**
 * All decoded code of a board, by machine frame. A frame with code is write-protected in every CPU's TLB; a store to it takes the slow
 * path, which comes to {@link #written}. A whole frame is invalidated at once: links between blocks never leave a frame.
 *
 * <p>With CPUs on threads of their own, what others may still be using is known by their runs: a run ends soon, and a run that begins
 * later sees what was published before. A store may slip through a translation that is just being protected, so fresh blocks are
 * compared with memory until all runs of that time are over.
 */
public final class CodeCache {
    private final MachineMemory memory;
    private final AtomicReferenceArray<FrameCode> frames;
    /** The same off-heap for translators: a byte a frame, not 0 at least as long as the frame has code. */
    private final Raw.Area map;
    /** Frames whose blocks end in the key's frame (their last instruction crosses into it). */
    private final Map<Integer, List<Integer>> crossers = new HashMap<>();
    private final List<InterpreterCpu> cpus = new ArrayList<>();
    /** Blocks that another CPU's store may have missed. */
    private final ArrayDeque<Fresh> fresh = new ArrayDeque<>();
    private volatile boolean unsettled;
    /** How often translations were dropped; counted behind the clearing of jump caches. */
    private volatile int drops;
    /** To be told of dropped translations; null where other CPUs may still be in them, or there are none. */
    private KeptTranslations kept;
    /** Runs that may use translations from before they were all dropped; null = none. */
    private int[] draining;

    /** A block, where its bytes came from and what they were, and the runs under way when it was published. */
    private record Fresh(Block block, int mfn, long host, byte[] bytes, int[] runs) {
        boolean changed() {
            byte[] now = new byte[bytes.length];
            Raw.get(host, now, 0, now.length);
            return !Arrays.equals(now, bytes);
        }
    }

    public CodeCache(MachineMemory memory) {
        this.memory = memory;
        frames = new AtomicReferenceArray<>(memory.frames);
        map = Raw.allocate(memory.frames);
        Raw.zero(map.address(), memory.frames);
    }

    long map() { return map.address(); }

    public void free() { map.free(); }

    synchronized void kept(KeptTranslations k) { kept = k; }

    synchronized void register(InterpreterCpu cpu) { cpus.add(cpu); }

    public boolean hasCode(int mfn) { return frames.get(mfn) != null; }

    Block find(int mfn, int off, boolean longMode) {
        FrameCode f = frames.get(mfn);
        return f == null ? null : f.find(off, longMode);
    }

    /** Adds a block decoded from a copy of its bytes in one page, while other CPUs may be writing there. */
    synchronized void addFresh(int mfn, Block b, long host, byte[] bytes) {
        add(mfn, b);
        fresh.add(new Fresh(b, mfn, host, bytes, runs()));
        unsettled = true;
    }

    /** At the start of a run: drops blocks whose bytes were changed behind their protection. */
    void settle() {
        if (unsettled) {
            settleSlow();
        }
    }

    private synchronized void settleSlow() {
        for (var i = fresh.iterator(); i.hasNext(); ) {
            Fresh f = i.next();
            boolean over = over(f.runs);
            if (!f.block.valid || over) {
                i.remove();
            }
            if (f.block.valid && f.changed()) {
                drop(f.mfn);
            }
        }
        unsettled = !fresh.isEmpty();
    }

    /** Each CPU's count of runs. */
    private int[] runs() {
        Raw.fullFence();
        return cpus.stream().mapToInt(InterpreterCpu::runs).toArray();
    }

    /** True when every run that was under way then has ended. */
    private boolean over(int[] then) {
        for (int i = 0; i < then.length; i++) {
            if ((then[i] & 1) != 0 && cpus.get(i).runs() == then[i]) {
                return false;
            }
        }
        return true;
    }

    synchronized void add(int mfn, Block b) {
        protect(mfn).add(b);
        if (b.crossFrame >= 0) {
            protect(b.crossFrame).cover(0, b.off + b.bytes - 4096);
            crossers.computeIfAbsent(b.crossFrame, k -> new ArrayList<>()).add(mfn);
        }
    }

    /** Adds a block that the engine knows and enters its translation. */
    synchronized void adopt(int mfn, Block b, int number, KeptTranslations kept) {
        add(mfn, b);
        kept.adopt(number, b);
        b.home.cover(b.off, b.span);
    }

    private FrameCode protect(int mfn) {
        FrameCode f = frames.get(mfn);
        if (f == null) {
            f = new FrameCode(memory.address(mfn));
            Raw.put8(map.address() + mfn, 1);
            frames.set(mfn, f);
            for (InterpreterCpu c : cpus) {
                c.protectCode(mfn);
            }
        }
        return f;
    }

    /** Bytes of a frame changed or are about to; true if decoded code was dropped. */
    boolean written(int mfn, int off, int bytes) {
        FrameCode f = frames.get(mfn);
        if (f == null || !f.covers(off, bytes)) {
            return false;
        }
        drop(mfn);
        return true;
    }

    /** Drops all code of a frame. */
    synchronized void drop(int mfn) {
        FrameCode f = frames.getAndSet(mfn, null);
        Raw.put8(map.address() + mfn, 0);
        List<Block> dropped = f == null ? List.of() : f.invalidate();
        if (!dropped.isEmpty()) {
            Raw.fullFence();
            cpus.forEach(c -> c.forgetTranslatedJumps(dropped));
            if (kept != null) {
                // nothing leads to them any more: other blocks of the same bytes can have them
                dropped.forEach(kept::release);
            }
            drops = drops + 1;
        }
        List<Integer> before = crossers.remove(mfn);
        if (before != null) {
            before.forEach(this::drop);
        }
    }

    /**
     * Asks the engine for a translation; when its area is full everything translated so far is dropped, and the area is used again as
     * soon as no CPU can be in it.
     */
    synchronized void translate(Block b, Translator translator, Surroundings near) {
        // a block that its frame does not know would not be dropped with it
        if (!b.valid || b.home == null || !drained(b, translator)) {
            return;
        }
        if (translator.translate(b, near)) {
            return;
        }
        dropTranslations();
        if (near.concurrent()) {
            draining = runs();
        } else {
            translator.reset();
            translator.translate(b, near);
        }
    }

    private boolean drained(Block b, Translator translator) {
        if (draining == null) {
            return true;
        }
        if (!over(draining)) {
            b.heat = 0;
            return false;
        }
        draining = null;
        translator.reset();
        return true;
    }

    synchronized void link(ExitPoint from, Block to, Translator translator) {
        if (((Block) from.block()).valid && to.valid && to.entry != 0) {
            translator.link(from, to);
        }
    }

    /** Every block is tier 0's again, for runs that begin from now on. */
    public synchronized void dropTranslations() {
        for (int i = 0; i < frames.length(); i++) {
            FrameCode f = frames.get(i);
            if (f != null) {
                f.dropEntries();
            }
        }
        Raw.fullFence();
        cpus.forEach(InterpreterCpu::clearTranslatedJumps);
        drops = drops + 1;
    }

    int drops() { return drops; }

    /** The engine is gone; the CPUs are stopped. */
    public synchronized void forgetEngine() {
        kept = null;
        dropTranslations();
        for (int i = 0; i < frames.length(); i++) {
            FrameCode f = frames.get(i);
            if (f != null && f.undecoded()) {
                // only that engine could run them
                drop(i);
            }
        }
        draining = null;
    }
}
