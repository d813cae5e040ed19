package xen.kernel.sched;

import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;
import xen.kernel.hypercall.HypercallFrame;
import xen.kernel.hypercall.HypercallTable;

/** sched_op and its old form: a vCPU gives up its pCPU, waits, or ends its domain. */
public final class SchedHypercalls {
    private static final int YIELD = 0, BLOCK = 1, SHUTDOWN = 2, POLL = 3, REMOTE_SHUTDOWN = 4, SHUTDOWN_CODE = 5, WATCHDOG = 6,
            PIN_OVERRIDE = 7;
    private static final int MAX_POLL_PORTS = 128;
    private static final int MAX_PORTS = 4096;

    private final Core core;

    private SchedHypercalls(Core core) { this.core = core; }

    public static void register(HypercallTable t, Core core) {
        SchedHypercalls s = new SchedHypercalls(core);
        t.register(29, "sched_op", s::call);
        t.register(6, "sched_op_compat", s::compat);
    }

    private long call(HypercallFrame c) {
        long at = c.arg(1);
        return switch ((int) c.arg(0)) {
            case YIELD, BLOCK -> wait(c, (int) c.arg(0));
            case SHUTDOWN -> shutdown(c, c.domain(), c.get32(at));
            case POLL -> poll(c, at);
            case REMOTE_SHUTDOWN -> remoteShutdown(c, c.get16(at), c.get32(at + 4));
            case SHUTDOWN_CODE -> shutdownCode(c.domain(), c.get32(at));
            case WATCHDOG -> c.domain().watchdogs.set(c.get32(at) & 0xffff_ffffL, c.get32(at + 4) & 0xffff_ffffL);
            case PIN_OVERRIDE -> -Errno.EPERM;
            default -> -Errno.ENOSYS;
        };
    }

    /** The old form: the shutdown reason is the argument itself. */
    private long compat(HypercallFrame c) {
        return switch ((int) c.arg(0)) {
            case YIELD, BLOCK -> wait(c, (int) c.arg(0));
            case SHUTDOWN -> shutdown(c, c.domain(), (int) c.arg(1));
            default -> -Errno.ENOSYS;
        };
    }

    private static long wait(HypercallFrame c, int op) {
        if (op == YIELD) {
            c.vcpu().sched.yield();
        } else {
            c.vcpu().sched.block();
        }
        return 0;
    }

    private static ShutdownReason reason(int code) {
        ShutdownReason[] all = ShutdownReason.values();
        return code >= 0 && code < all.length ? all[code] : null;
    }

    private long shutdown(HypercallFrame c, DomainImpl d, int code) {
        ShutdownReason r = reason(d.shutdownCode >= 0 ? d.shutdownCode : code);
        if (r == null || reason(code) == null) {
            return -Errno.EINVAL;
        }
        if (r == ShutdownReason.CRASH) {
            core.life.crash(d == c.domain() ? c.vcpu() : d.vcpu(0), "the guest reported its own crash (SCHEDOP_shutdown)");
        } else {
            core.life.shutdown(d, r);
        }
        return 0;
    }

    private long remoteShutdown(HypercallFrame c, int domid, int code) {
        if (!c.domain().config.privileged()) {
            return -Errno.EPERM;
        }
        DomainImpl d = core.domain(domid);
        return d == null ? -Errno.ESRCH : shutdown(c, d, code);
    }

    private static long shutdownCode(DomainImpl d, int code) {
        if (reason(code) == null) {
            return -Errno.EINVAL;
        }
        d.shutdownCode = code;
        return 0;
    }

    private long poll(HypercallFrame c, long at) {
        long list = c.get64(at);
        int n = c.get32(at + 8);
        long deadline = c.get64(at + 16);
        if (n < 0 || n > MAX_POLL_PORTS) {
            return -Errno.EINVAL;
        }
        int[] ports = new int[n];
        for (int i = 0; i < n; i++) {
            ports[i] = c.get32(list + 4L * i);
            if (ports[i] < 0 || ports[i] >= MAX_PORTS) {
                return -Errno.EINVAL;
            }
        }
        c.vcpu().sched.poll(ports, deadline == 0 ? 0 : Math.max(1, c.domain().machineTime(deadline)));
        return 0;
    }
}
