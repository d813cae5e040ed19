package xen.kernel.sched;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.sched.Replicable;
import xen.kernel.api.sched.Scheduler;

/** The scheduler services that are there, by name. Under the pools' lock. */
final class SchedulerCatalog {
    private final Map<String, Scheduler> available = new TreeMap<>();

    void add(String name, Scheduler service) { available.put(name, service); }

    void remove(String name, Scheduler service) { available.remove(name, service); }

    /** It threw: nobody gets it until it is offered anew. */
    void drop(Scheduler service) { available.values().remove(service); }

    void clear() { available.clear(); }

    Set<String> names() { return available.keySet(); }

    /** The service, or ENOENT with what there is. */
    Scheduler service(String name) {
        Scheduler s = available.get(name);
        if (s == null) {
            throw new HypervisorException(Errno.ENOENT, "no scheduler named '" + name + "': there are " + names() + " and " + SchedulerPool.BYPASS
                    + "; install and start its bundle first");
        }
        return s;
    }

    /** An instance for one more pool. @param taken a pool has the service itself */
    static Scheduler instance(String name, Scheduler service, boolean taken) {
        if (!taken) {
            return service;
        }
        if (service instanceof Replicable r) {
            try {
                return r.replicate();
            } catch (Throwable e) {
                throw new HypervisorException(Errno.EIO, "scheduler '" + name + "' makes no second instance (" + e + ")");
            }
        }
        throw new HypervisorException(Errno.EBUSY, "scheduler '" + name + "' is in charge of another pool and can serve only one: choose another");
    }
}
