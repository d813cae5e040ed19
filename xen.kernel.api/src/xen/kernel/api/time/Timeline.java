package xen.kernel.api.time;

/**
 * Machine time and the actions tied to it. In virtual mode an action runs on the machine thread at exactly its time, in the order of
 * (time, submission), so that a run is repeatable; in real mode it runs on the timer thread at or shortly after its time. Never two at
 * once, never with a lock of the core held. Actions must be short and must not block.
 */
public interface Timeline {
    /** Nanoseconds since power-on. */
    long now();

    /** Runs {@code action} at machine time {@code atNanos} (at once, but not inside this call, when that is past). Any thread. */
    Cancellable at(long atNanos, Runnable action);

    /** Runs {@code action} as soon as the machine is between two instructions. Any thread: the way in for outside input (console). */
    void post(Runnable action);

    /** A pending action. */
    interface Cancellable {
        /** No effect when the action has run. */
        void cancel();
    }
}
