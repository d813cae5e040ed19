package xen.cpu.bytecode;

import java.util.ArrayDeque;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.kernel.api.hw.Raw;

/**
 * Has fresh regions compiled by the JVM before a CPU enters them: until then tier 0 is faster. A thread of its own calls each with no
 * budget, which leaves at once, until a call takes a fraction of what the first ones took; then the block gets its entry. What runs
 * when does not change what the guest sees.
 */
final class Warmer implements AutoCloseable {
    private static final int CALLS = 240, FASTER = 6;
    private static final long LONGEST_NANOS = 1_000_000_000L, PAUSE_MILLIS = 2;

    private record Fresh(Region region, CodeBlock block, long entry, int generation) {}

    private final ArrayDeque<Fresh> queue = new ArrayDeque<>();
    private final Raw.Area area = Raw.allocate(8192);
    private Thread thread;
    private int generation;
    private boolean closed;

    Warmer() {
        Raw.zero(area.address(), area.bytes());
        Raw.put64(area.address() + EngineFrame.FILE, area.address() + 4096);
    }

    synchronized void add(Region r, CodeBlock b, long entry) {
        queue.add(new Fresh(r, b, entry, generation));
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("region-warmer").start(this::work);
        }
        notifyAll();
    }

    /** From now on nothing that was added before gets an entry. */
    synchronized void forget() {
        generation++;
        queue.clear();
    }

    private void work() {
        try {
            for (Fresh f = next(); f != null; f = next()) {
                warm(f.region);
                publish(f);
            }
        } catch (InterruptedException e) {
            // closed
        } finally {
            area.free();
        }
    }

    private synchronized Fresh next() throws InterruptedException {
        while (queue.isEmpty() && !closed) {
            wait();
        }
        return closed ? null : queue.remove();
    }

    private synchronized void publish(Fresh f) {
        if (!closed && f.generation == generation && f.block.valid) {
            f.block.entry = f.entry;
        }
    }

    private void warm(Region r) throws InterruptedException {
        long begin = System.nanoTime(), cold = time(r, CALLS) / CALLS;
        while (time(r, 8) / 8 > cold / FASTER && System.nanoTime() - begin < LONGEST_NANOS) {
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private long time(Region r, int calls) {
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            Raw.put64(area.address() + EngineFrame.BUDGET, 0);
            r.run(area.address());
        }
        return System.nanoTime() - begin;
    }

    @Override public synchronized void close() {
        closed = true;
        forget();
        if (thread == null) {
            area.free();
        } else {
            thread.interrupt();
        }
    }
}
