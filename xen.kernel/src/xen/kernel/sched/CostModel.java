package xen.kernel.sched;

/**
 * What virtual time charges beyond one cycle a retired instruction. Nothing here may depend on the engine.
 *
 * @param exitCycles for a world switch: an exit that the guest caused. Above 0, so that a guest that only faults still lets time pass
 */
public record CostModel(int exitCycles) {
    public static final CostModel DEFAULT = new CostModel(100);
}
