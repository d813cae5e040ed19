package xen.kernel.api.block;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends driver code that does not end by itself. The core weaves calls into the classes of driver bundles: of {@link #enter} at the begin of
 * each method, of {@link #check} at that of each loop's round and of each exception handler, where no handler of that method can catch it.
 * A thread that is fenced therefore leaves the driver's code at the next of them, whatever that code catches.
 *
 * <p>{@link #raise} and {@link #lower} are the core's. Driver bundles cannot name this class: the core refuses those that try. State is
 * static because woven code has nothing but names to reach it by.
 */
public final class DriverFence {
    /** What fenced code ends with. Its stack trace says where that was. */
    private static final class Fenced extends Error {
        private static final long serialVersionUID = 1;

        Fenced() { super("the driver is fenced"); }
    }

    private static final Set<Thread> FENCED = ConcurrentHashMap.newKeySet();
    /** Some thread is fenced: the word that woven code reads. */
    private static volatile boolean up;
    /** The same for methods: a compiler may read it once for all that it inlines, but not for a call. */
    private static boolean upForCalls;

    private static final int ROOM = 4096;

    private DriverFence() {}

    /** At the begin of a method. */
    public static void enter() {
        if (upForCalls) {
            checkSlow();
        }
    }

    /** Throws an error when the calling thread is fenced. */
    public static void check() {
        if (up) {
            checkSlow();
        }
    }

    /**
     * Throws StackOverflowError unless much stack is left: whoever comes by here has not touched anything yet, and the core's work for him
     * will not overflow halfway. Some microseconds; it is called for code only that may be anywhere in its stack.
     */
    public static void room() { down(ROOM); }

    /** Needs a frame for each two steps at least (a compiler puts one into the other): 64 KiB and more. */
    private static int down(int steps) { return steps == 0 ? 0 : down(steps - 1) + 1; }

    private static void checkSlow() {
        if (FENCED.contains(Thread.currentThread())) {
            throw new Fenced();
        }
    }

    /** True for the error that these throw. */
    public static boolean ended(Throwable t) { return t instanceof Fenced; }

    /** From here on driver code on that thread ends; no effect on a thread that runs none. */
    public static synchronized void raise(Thread t) {
        FENCED.add(t);
        up = upForCalls = true;
    }

    /** The thread is free again. */
    public static synchronized void lower(Thread t) {
        FENCED.remove(t);
        up = upForCalls = !FENCED.isEmpty();
    }
}
