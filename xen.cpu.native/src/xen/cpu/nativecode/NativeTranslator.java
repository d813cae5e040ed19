package xen.cpu.nativecode;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import xen.hw.x86smp.decode.Decoder;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.engine.ExitPoint;
import xen.hw.x86smp.engine.KeptTranslations;
import xen.hw.x86smp.engine.Surroundings;
import xen.hw.x86smp.engine.Translator;
import xen.hw.x86smp.engine.WideExchange;
import xen.kernel.api.hw.Raw;

/**
 * The translator of one board: the code area, the exits of everything emitted, and the call into it. What is kept for later runs is made from a private
 * copy of the guest's bytes, so that a guest that changes them meanwhile cannot have a wrong translation kept for others.
 */
final class NativeTranslator implements Translator {
    final Coverage coverage;
    final Stubs stubs;
    private final CodeArea area;
    private final int threshold;
    /** Emitted code at an address, as {@code void f(long frame, long entry)}: constant, so that the JIT compilers see through it. */
    private static final MethodHandle ENTER = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    /** The way in. */
    private final MemorySegment enter;
    /** Null where the host has no CMPXCHG16B. */
    private final MethodHandle exchange16;
    /** Null: nothing is kept. */
    private final CodeStore store;
    private final Decoder decoder = new Decoder();
    private final Raw.Area copy = Raw.allocate(4096);
    private Translations known = new Translations();
    /** Blocks of kept translations, by number. */
    private CodeBlock[] owners;
    /** By number, those of kept translations when they are taken first; replaced, never changed below the count of exits, so that CPUs read it without a lock. */
    private volatile ExitPoint[] exits;

    /** @param build what identifies the emitter, 0 = unknown; {@code folder} where translations are kept, or null */
    NativeTranslator(CodeArea area, HostFeatures host, int threshold, Path folder, long build) {
        this.area = area;
        this.threshold = threshold;
        coverage = new Coverage(host);
        stubs = new Stubs(area.write, host.has("AVX"));
        area.take(stubs.end);
        enter = area.entry();
        exchange16 = host.exchanges16() ? area.function(stubs.exchange16) : null;
        store = folder == null || build == 0 ? null : new CodeStore(folder, build * 31 + host.key() * 31 * 31 + stubs.key(area.write));
        if (store != null) {
            area.take(area.top() + store.load(area.write + area.top(), area.left(), known));
        }
        owners = new CodeBlock[known.count + 1024];
        exits = new ExitPoint[Math.max(1024, known.exitCount + 1024)];
    }

    @Override public int threshold() { return threshold; }

    @Override public KeptTranslations kept() { return store == null ? null : keptOnes; }

    private final KeptTranslations keptOnes = new KeptTranslations() {
        @Override public int find(long code, int off) { return known.find(code, off); }

        @Override public boolean fits(int number, long page) { return known.fits(number, page); }

        @Override public int off(int number) { return known.off(number); }

        @Override public int bytes(int number) { return known.length(number); }

        @Override public int instructions(int number) { return known.instructions(number); }

        @Override public int beside(int number) { return known.ring(number); }

        @Override public void adopt(int number, CodeBlock block) { NativeTranslator.this.adopt(number, block); }

        @Override public void release(CodeBlock block) {
            if (block.kept >= 0) {
                disconnect(block.kept);
                known.release(block.kept);
                owners[block.kept] = null;
            }
        }

        @Override public void connect(int number) {
            CodeBlock from = owners[number];
            for (int id = known.firstExit(number), end = id + known.exits(number); id < end; id++) {
                int site = known.exit(id, Translations.SITE);
                CodeBlock to = ExitPoint.connects(site) ? from.neighbour(known.exit(id, Translations.TARGET)) : null;
                if (to != null && to.valid && to.entry != 0) {
                    link(area.write + site, to);
                }
            }
        }
    };

    private void adopt(int number, CodeBlock block) {
        known.take(number, block.host() - block.off);
        own(number, block);
        block.span = known.span(number);
        VarHandle.releaseFence();
        block.entry = area.execute + known.place(number);
    }

    /** Its jumps lead out again, and its exits are nobody's. */
    private void disconnect(int number) {
        for (int id = known.firstExit(number), end = id + known.exits(number); id < end; id++) {
            leadOut(id);
            exits[id] = null;
        }
    }

    private void leadOut(int id) {
        int site = known.exit(id, Translations.SITE);
        if (ExitPoint.connects(site)) {
            Assembler.patch(area.write + site, area.write + known.exit(id, Translations.STUB));
        }
    }

    private void own(int number, CodeBlock block) {
        block.kept = number;
        if (number >= owners.length) {
            owners = Arrays.copyOf(owners, Math.max(2 * owners.length, number + 1));
        }
        owners[number] = block;
    }

    @Override public boolean translate(CodeBlock block, Surroundings near) {
        if (area.left() < (long) (Math.max(block.insns.length, Trace.MOST_INSTRUCTIONS) + 3) * 2 * BlockEmitter.MAX_PER_INSTRUCTION) {
            return false;
        }
        int before = known.exitCount;
        long at = area.write + area.top();
        Insn[] copied = copied(block);
        int there = copied == null || store == null ? -1 : known.find(copy.address(), block.off);
        // what more a trace depends on may be changing, where other CPUs run
        if (there >= 0 && known.length(there) == block.bytes && known.span(there) == block.bytes && known.instructions(there) == copied.length) {
            adopt(there, block);
            return true;
        }
        List<Trace.Part> parts = parts(block, copied);
        BlockEmitter emitter = new BlockEmitter(this, block, parts, at, area.write);
        if (parts.size() > 1 && !emitter.takesAll()) {
            emitter = new BlockEmitter(this, block, parts.subList(0, 1), at, area.write);
            parts = parts.subList(0, 1);
        }
        long end = emitter.emit();
        if (end == 0) {
            known.exitCount = before;
            return true;
        }
        block.span = parts.size() > 1 ? parts.stream().mapToInt(Trace.Part::end).max().orElseThrow() - block.off : block.bytes;
        if (copied != null && store != null && there < 0) {
            own(known.count, block);
            known.add(block.host() - block.off, block.off, copy.address(), block.bytes, block.span, copied.length, (int) area.top(), before);
        }
        // published with the block's entry: whoever sees the entry sees its exits
        VarHandle.releaseFence();
        block.entry = area.execute + area.top();
        area.take(end - area.write);
        return true;
    }

    /** One, or those of the loop that the block begins. */
    private List<Trace.Part> parts(CodeBlock block, Insn[] copied) {
        return copied == null ? List.of(new Trace.Part(block.off, block.insns))
                : Trace.of(block, copied, decoder, copy.address(), Math.min(4096 - block.off, Trace.MOST_BYTES));
    }

    /** The block's instructions decoded from a copy of its bytes, behind which those that follow are copied too; null when it cannot be. */
    private Insn[] copied(CodeBlock block) {
        long host = block.host();
        if (host == 0 || block.secondPage != 0) {
            return null;
        }
        Raw.copy(host, copy.address(), Math.min(4096 - block.off, Math.max(block.bytes, Trace.MOST_BYTES)));
        Insn[] insns = new Insn[block.insns.length];
        int at = 0;
        for (int k = 0; k < insns.length; k++) {
            Insn i = at < block.bytes ? decoder.decode(copy.address() + at, block.bytes - at, Insn.MODE_64) : null;
            if (i == null || i.length != block.insns[k].length || i.terminates() && k + 1 < insns.length) {
                return null;
            }
            insns[k] = i;
            at += i.length;
        }
        return at == block.bytes ? insns : null;
    }

    /** Registers an exit in front of instruction {@code index} of a block (-1 = behind it); {@code site} is a jump's displacement or 0. */
    int newExit(CodeBlock block, int index, long site) { return newExit(block, index, site, 0); }

    /** The same, of a jump to page offset {@code target}. */
    int newExit(CodeBlock block, int index, long site, int target) {
        ExitPoint[] all = exits;
        int id = known.addExit(index, (int) (ExitPoint.connects(site) ? site - area.write : site), target);
        if (id == all.length) {
            all = Arrays.copyOf(all, 2 * all.length);
            exits = all;
        }
        all[id] = new ExitPoint(block, index, site);
        return id;
    }

    /** Where the code of an exit lies. */
    void placed(int exit, long at) { known.stub(exit, (int) (at - area.write)); }

    @Override public int run(long frame, long entry) {
        try {
            ENTER.invokeExact(enter, frame, entry);
        } catch (Throwable t) {
            throw new AssertionError("emitted code does not throw", t);
        }
        return Raw.get32(frame + EngineFrame.EXIT);
    }

    @Override public boolean takesCrossing() { return true; }

    @Override public WideExchange wideExchange() { return exchange16 == null ? null : this::exchange; }

    private boolean exchange(long file, long address) {
        try {
            return (long) exchange16.invokeExact(file, address) != 0;
        } catch (Throwable t) {
            throw new AssertionError("emitted code does not throw", t);
        }
    }

    @Override public ExitPoint exit(int id) {
        ExitPoint e = exits[id];
        return e != null ? e : ofKept(id);
    }

    /** Made when it is needed: a boot takes one in fifty. Two CPUs may make the same. */
    private ExitPoint ofKept(int id) {
        int site = known.exit(id, Translations.SITE);
        ExitPoint e = new ExitPoint(owners[known.owner(id)], known.exit(id, Translations.INDEX), ExitPoint.connects(site) ? area.write + site : site);
        exits[id] = e;
        return e;
    }

    @Override public void link(ExitPoint from, CodeBlock target) {
        link(from.site(), target);
    }

    private void link(long site, CodeBlock target) { Assembler.patch(site, target.entry - area.execute + area.write); }

    @Override public void reset() {
        exits = new ExitPoint[1024];
        owners = new CodeBlock[1024];
        known = new Translations();
        area.reset(stubs.end);
    }

    @Override public long codeBytes() { return area.top(); }

    @Override public void close() {
        if (store != null && known.count > known.loaded + known.loaded / 64) {
            keep();
        }
        area.close();
        copy.free();
    }

    /** Jumps lead out again, as the next run's blocks are others. */
    private void keep() {
        for (int id = 0; id < known.exitCount; id++) {
            leadOut(id);
        }
        long from = stubs.end + 15 & -16;
        store.save(area.write + from, (int) (area.top() - from), known);
    }
}
