package xen.kernel.core;

import java.util.HashMap;
import java.util.Map;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;

/**
 * Who has which domain id, from power-on to power-off: guests from 1 upwards, driver domains from the top downwards. The id of a dead domain rests until
 * its last frame is free, since others may still map frames that it granted. Callers hold {@code core.lock} or have stopped all CPUs.
 */
final class DomainIds {
    /** The highest id below those that Xen's interface reserves (DOMID_FIRST_RESERVED is 0x7ff0). */
    static final int MAX = 0x7fef;

    private final Core core;
    private final Map<Integer, DomainImpl> resting = new HashMap<>();
    private int last;

    DomainIds(Core core) { this.core = core; }

    /** The next free id; ids are used again as late as possible. ENOSPC when there is none. */
    int next() {
        for (int tries = 0; tries < MAX; tries++) {
            last = last % MAX + 1;
            if (free(last)) {
                return last;
            }
        }
        throw full();
    }

    /** {@code wanted} if it is a guest's id and free, else the next one. */
    int nextOr(int wanted) { return wanted > 0 && wanted <= MAX && free(wanted) ? wanted : next(); }

    /** The highest free id, for a driver domain. */
    int highest() {
        for (int id = MAX; id > 0; id--) {
            if (free(id)) {
                return id;
            }
        }
        throw full();
    }

    /** {@code d} is dead: its id is not given again while it, or somebody who maps its frames, holds one. */
    void rest(DomainImpl d) { resting.put(d.id(), d); }

    private boolean free(int id) {
        DomainImpl dead = resting.get(id);
        if (dead != null && dead.memory.gone()) {
            resting.remove(id);
            dead = null;
        }
        return dead == null && core.domain(id) == null && core.drivers.values().stream().noneMatch(d -> d.domid() == id);
    }

    private static HypervisorException full() { return new HypervisorException(Errno.ENOSPC, "all domain ids are in use; destroy a domain"); }
}
