package xen.kernel.trap;

import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.GuestAccess;
import xen.kernel.hypercall.HypercallFrame;

/** vcpu_op (24): bringing vCPUs up and down, and what a vCPU tells or asks about itself. */
final class VcpuOp {
    private static final int INITIALISE = 0, UP = 1, DOWN = 2, IS_UP = 3, GET_RUNSTATE = 4, RUNSTATE_AREA = 5, SET_PERIODIC = 6,
            STOP_PERIODIC = 7, SET_SINGLESHOT = 8, STOP_SINGLESHOT = 9, REGISTER_INFO = 10, SEND_NMI = 11, GET_PHYSID = 12, TIME_AREA = 13;
    private static final int RUNSTATE_SIZE = 48, TIME_INFO_SIZE = 32;
    private static final long MIN_PERIOD = 1_000_000, MAX_PERIOD = 1L << 56;

    private VcpuOp() {}

    static long call(HypercallFrame c) {
        long id = c.arg(1) & 0xffff_ffffL;
        VcpuImpl v = id < Integer.MAX_VALUE ? c.domain().vcpu((int) id) : null;
        if (v == null) {
            // past the last vCPU: Linux counts its CPUs by this answer
            return -Errno.ENOENT;
        }
        long arg = c.arg(2);
        boolean self = v == c.vcpu();
        switch ((int) c.arg(0)) {
            case INITIALISE: return v.traps.initialised ? -Errno.EEXIST : VcpuInitialise.initialise(c, v, arg);
            case UP:
                if (!v.traps.initialised) {
                    return -Errno.EINVAL;
                }
                v.sched.up(true);
                return 0;
            case DOWN: return down(v);
            case IS_UP: return v.sched.up() ? 1 : 0;
            case GET_RUNSTATE: return runstate(c, v, arg);
            case RUNSTATE_AREA: return area(c, c.get64(arg), RUNSTATE_SIZE, v.time::runstateArea);
            case TIME_AREA: return area(c, c.get64(arg), TIME_INFO_SIZE, v.time::timeArea);
            case SET_PERIODIC: {
                long period = c.get64(arg);
                return period < MIN_PERIOD || period > MAX_PERIOD ? -Errno.EINVAL : v.time.setPeriodic(period);
            }
            case STOP_PERIODIC:
                v.time.stopPeriodic();
                return 0;
            case SET_SINGLESHOT: return self ? v.time.setSingleshot(c.get64(arg), c.get32(arg + 8)) : -Errno.EINVAL;
            case STOP_SINGLESHOT:
                if (!self) {
                    return -Errno.EINVAL;
                }
                v.time.stopSingleshot();
                return 0;
            case REGISTER_INFO: return registerInfo(c, v, self, arg);
            case SEND_NMI:
                if (arg != 0) {
                    return -Errno.EINVAL;
                }
                v.traps.nmiPending = true;
                v.sched.unblock();
                v.sched.kick();
                return 0;
            case GET_PHYSID: return -Errno.EINVAL;
            default: return -Errno.ENOSYS;
        }
    }

    /** The last one that goes down powers the domain off. */
    private static long down(VcpuImpl v) {
        DomainImpl d = v.domain;
        for (VcpuImpl other : d.vcpus()) {
            if (other != v && other.sched.up()) {
                v.sched.up(false);
                return 0;
            }
        }
        d.core.life.shutdown(d, ShutdownReason.POWEROFF);
        return 0;
    }

    private static long runstate(HypercallFrame c, VcpuImpl v, long arg) {
        c.checkWritable(arg, RUNSTATE_SIZE);
        c.put32(arg, v.time.state().ordinal());
        c.put32(arg + 4, 0);
        c.put64(arg + 8, v.time.stateEntry() + v.domain.timeOffset);
        for (RunState s : RunState.values()) {
            c.put64(arg + 16 + 8L * s.ordinal(), v.time.nanosIn(s));
        }
        return 0;
    }

    private static long area(HypercallFrame c, long va, int size, java.util.function.LongConsumer register) {
        if (va != 0 && (!GuestAccess.addressOk(va) || !GuestAccess.addressOk(va + size - 1))) {
            return -Errno.EFAULT;
        }
        register.accept(va);
        return 0;
    }

    /** Once a vCPU, its own or a stopped one's; the frame stays a writable page of the domain from now on. */
    private static long registerInfo(HypercallFrame c, VcpuImpl v, boolean self, long arg) {
        long mfn = c.get64(arg);
        int offset = c.get32(arg + 8);
        return !self && v.sched.up() ? -Errno.EINVAL : v.info.register(mfn, offset);
    }
}
