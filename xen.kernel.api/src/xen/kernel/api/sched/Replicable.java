package xen.kernel.api.sched;

/** A {@link Scheduler} that can serve several CPU pools at once, an instance each, implements this too. */
public interface Replicable {
    /** A fresh instance that follows the same parameters and shares nothing else with this one; its classes are loaded already, so this is quick. */
    Scheduler replicate();
}
