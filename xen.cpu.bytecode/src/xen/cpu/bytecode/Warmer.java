package xen.cpu.bytecode;

import java.util.ArrayDeque;
import xen.kernel.api.hw.Raw;

/**
 * Writes regions on a thread of its own and has the JVM compile them before a CPU enters them: fresh from the class file they run in the JVM's
 * own interpreter, slower than tier 0. It calls each with no budget, which leaves at once, as often as it takes until C1 has compiled it; the
 * call that makes C1 do so comes back when it is done ({@link Steering}). What runs when does not change what the guest sees.
 */
final class Warmer implements AutoCloseable {
    /** More than C1 takes, with the thresholds that {@code jvm.options} sets for regions: once for a profile, once without. */
    private static final int CALLS = 16;

    private final BytecodeTranslator translator;
    private final ArrayDeque<Fresh> queue = new ArrayDeque<>();
    /** In place of a vCPU's register file. */
    private final Raw.Area area = Raw.allocate(4096);
    private Thread thread;
    private boolean closed;

    Warmer(BytecodeTranslator translator) {
        this.translator = translator;
        Raw.zero(area.address(), area.bytes());
    }

    /** With the translator's lock held. */
    synchronized void add(Fresh f) {
        queue.add(f);
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("region-warmer").start(this::work);
        }
        notifyAll();
    }

    synchronized void forget() { queue.clear(); }

    private synchronized Fresh next() throws InterruptedException {
        while (queue.isEmpty() && !closed) {
            wait();
        }
        return closed ? null : queue.remove();
    }

    private void work() {
        try {
            for (Fresh f = next(); f != null; f = next()) {
                if (f.shape().blocks.getFirst().valid) {
                    Region r = translator.define(f);
                    warm(r);
                    translator.publish(f, r);
                }
            }
        } catch (InterruptedException e) {
            // closed
        } finally {
            area.free();
        }
    }

    private void warm(Region r) {
        Registers s = new Registers(0, null);
        s.file = area.address();
        for (int i = 0; i < CALLS; i++) {
            s.budget = 0;
            r.run(s, 0);
        }
    }

    @Override public synchronized void close() {
        closed = true;
        queue.clear();
        if (thread == null) {
            area.free();
        } else {
            notifyAll();
        }
    }
}
