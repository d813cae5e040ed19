package xen.bench.lab;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;

/** Where running vCPUs are, looked at in equal steps of machine time: what part of their time they wait at a spin lock of the kernel. */
final class SpinSampler {
    /** Functions of Linux in which a queued lock is waited for. */
    private static final List<String> WAITING = List.of("native_queued_spin_lock_slowpath", "__pv_queued_spin_lock_slowpath", "queued_spin_lock_slowpath",
            "__pv_queued_spin_unlock_slowpath", "pv_wait", "xen_qlock_wait");

    private final Map<Long, Integer> seen = new HashMap<>();

    void look(List<? extends Vcpu> vcpus) {
        for (Vcpu v : vcpus) {
            if (v.runState() == RunState.RUNNING) {
                seen.merge(v.context().rip(), 1, Integer::sum);
            }
        }
    }

    /** Percent of the looks. @param symbol name of a kernel address */
    double percent(LongFunction<Optional<String>> symbol) {
        long all = 0;
        long waiting = 0;
        for (Map.Entry<Long, Integer> e : new ArrayList<>(seen.entrySet())) {
            all += e.getValue();
            // kernel addresses only: the others have no names
            boolean waits = e.getKey() < 0 && symbol.apply(e.getKey()).map(n -> n.replaceFirst("\\+0x.*", "")).filter(WAITING::contains).isPresent();
            waiting += waits ? e.getValue() : 0;
        }
        return all == 0 ? 0 : 100.0 * waiting / all;
    }
}
