package xen.kernel.time;

import xen.kernel.core.Core;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.HypercallTable;

/** set_timer_op: the vCPU's singleshot timer by its old name. */
public final class TimeHypercalls {
    private TimeHypercalls() {}

    public static void register(HypercallTable t, Core core) { t.register(15, "set_timer_op", c -> setTimer(c.vcpu(), c.arg(0))); }

    private static long setTimer(VcpuImpl v, long deadline) {
        if (deadline == 0) {
            v.time.stopSingleshot();
            return 0;
        }
        return v.time.setSingleshot(deadline, 0);
    }
}
