package xen.hw.x86smp.exec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.Translator;
import xen.kernel.api.hw.MachineMemory;

/**
 * All decoded code of a board, by machine frame. A frame with code is write-protected in every CPU's TLB; a store to it takes the slow
 * path, which comes to {@link #written}. A whole frame is invalidated at once: links between blocks never leave a frame.
 */
public final class CodeCache {
    private final AtomicReferenceArray<FrameCode> frames;
    /** Frames whose blocks end in the key's frame (their last instruction crosses into it). */
    private final Map<Integer, List<Integer>> crossers = new HashMap<>();
    private final List<InterpreterCpu> cpus = new ArrayList<>();

    public CodeCache(MachineMemory memory) { frames = new AtomicReferenceArray<>(memory.frames); }

    synchronized void register(InterpreterCpu cpu) { cpus.add(cpu); }

    public boolean hasCode(int mfn) { return frames.get(mfn) != null; }

    Block find(int mfn, int off, boolean longMode) {
        FrameCode f = frames.get(mfn);
        return f == null ? null : f.find(off, longMode);
    }

    synchronized void add(int mfn, Block b) {
        protect(mfn).add(b);
        if (b.crossFrame >= 0) {
            protect(b.crossFrame).cover(0, b.off + b.bytes - 4096);
            crossers.computeIfAbsent(b.crossFrame, k -> new ArrayList<>()).add(mfn);
        }
    }

    private FrameCode protect(int mfn) {
        FrameCode f = frames.get(mfn);
        if (f == null) {
            f = new FrameCode();
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
        if (f != null && f.invalidate()) {
            cpus.forEach(InterpreterCpu::clearTranslatedJumps);
        }
        List<Integer> before = crossers.remove(mfn);
        if (before != null) {
            before.forEach(this::drop);
        }
    }

    /**
     * Asks the engine for a translation; when its area is full everything translated so far is dropped. With several CPUs another one may
     * be in translated code: then what is translated stays, and what comes later is tier 0's.
     */
    synchronized void translate(Block b, Translator translator) {
        if (b.valid && !translator.translate(b) && cpus.size() == 1) {
            dropTranslations();
            translator.reset();
            translator.translate(b);
        }
    }

    synchronized void link(ExitPoint from, Block to, Translator translator) {
        if (((Block) from.block()).valid && to.valid && to.entry != 0) {
            translator.link(from, to);
        }
    }

    /** Every block is tier 0's again. Nobody may be in translated code. */
    public synchronized void dropTranslations() {
        for (int i = 0; i < frames.length(); i++) {
            FrameCode f = frames.get(i);
            if (f != null) {
                f.dropEntries();
            }
        }
        cpus.forEach(InterpreterCpu::clearTranslatedJumps);
    }
}
