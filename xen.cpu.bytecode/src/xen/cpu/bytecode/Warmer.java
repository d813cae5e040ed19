package xen.cpu.bytecode;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.kernel.api.hw.Raw;

/**
 * Has fresh regions compiled by the JVM before a CPU enters them: until then tier 0 is faster. A thread of its own calls each with no
 * budget, which leaves at once: often enough for the JVM to queue it, then now and then until a call takes a fraction of what the first
 * ones took; then the block gets its entry. All that wait are in the JVM's queue together. What runs when does not change what the guest
 * sees.
 *
 * <p>Why it looks again and again: the JVM tells nobody that a method is compiled but its flight recorder, whose stream comes once a second.
 * Calls are few, so that they do not count when C2 decides what of the region is hot.
 */
final class Warmer implements AutoCloseable {
    private static final int CALLS = 24, FASTER = 6;
    private static final long PAUSE_MILLIS = 2, LONGEST_PAUSE = 64;

    private static final class Fresh {
        final Region region;
        final CodeBlock block;
        final long entry;
        /** What a call took at first; pauses until the next look, and how many looks are left out then. */
        long cold, wait, pauses;

        Fresh(Region region, CodeBlock block, long entry) {
            this.region = region;
            this.block = block;
            this.entry = entry;
        }
    }

    private final List<Fresh> queue = new ArrayList<>();
    private final Raw.Area area = Raw.allocate(8192);
    private Thread thread;
    private int generation;
    private boolean closed;

    Warmer() {
        Raw.zero(area.address(), area.bytes());
        Raw.put64(area.address() + EngineFrame.FILE, area.address() + 4096);
    }

    synchronized void add(Region r, CodeBlock b, long entry) {
        queue.add(new Fresh(r, b, entry));
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
        List<Fresh> waiting = new ArrayList<>();
        int since = -1;
        try {
            while (true) {
                synchronized (this) {
                    if (generation != since) {
                        waiting.clear();
                        since = generation;
                    }
                    while (queue.isEmpty() && waiting.isEmpty() && !closed) {
                        wait();
                    }
                    if (closed) {
                        return;
                    }
                    waiting.addAll(queue);
                    queue.clear();
                }
                for (Iterator<Fresh> i = waiting.iterator(); i.hasNext(); ) {
                    Fresh f = i.next();
                    if (warm(f)) {
                        publish(f, since);
                        i.remove();
                    }
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            // closed
        } finally {
            area.free();
        }
    }

    private synchronized void publish(Fresh f, int since) {
        if (!closed && since == generation && f.block.valid) {
            f.block.entry = f.entry;
        }
    }

    /** One look; true when the region is compiled, or its code is gone. */
    private boolean warm(Fresh f) {
        if (!f.block.valid) {
            return true;
        }
        if (f.cold == 0) {
            f.cold = fastest(f.region, CALLS);
            f.wait = f.pauses = 1;
            return false;
        }
        if (--f.wait > 0) {
            return false;
        }
        f.pauses = Math.min(2 * f.pauses, LONGEST_PAUSE / PAUSE_MILLIS);
        f.wait = f.pauses;
        return fastest(f.region, 2) * FASTER < f.cold;
    }

    private long fastest(Region r, int calls) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < calls; i++) {
            long begin = System.nanoTime();
            Raw.put64(area.address() + EngineFrame.BUDGET, 0);
            r.run(area.address());
            best = Math.min(best, System.nanoTime() - begin);
        }
        return best;
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
