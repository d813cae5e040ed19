package xen.sched.shared;

import java.util.ArrayDeque;
import java.util.function.Predicate;

/**
 * Entries of vCPUs that sleep and are remembered for a while. A decision looks at two of them: who is awake again leaves the line, who
 * owes nothing any more is forgotten, the others go to its end.
 *
 * @param <E> what a policy keeps of a vCPU
 */
public final class Resting<E> {
    private static final int LOOKED_AT = 2;

    private final ArrayDeque<E> line = new ArrayDeque<>();

    /** At most once until it was taken out: the policy keeps a mark. */
    public void add(E e) { line.add(e); }

    /** @param done unmarks, and forgets, who need not be in the line */
    public void sweep(Predicate<E> done) {
        for (int i = Math.min(LOOKED_AT, line.size()); i > 0; i--) {
            E e = line.remove();
            if (!done.test(e)) {
                line.add(e);
            }
        }
    }
}
