package xen.kernel.driver;

import java.util.concurrent.locks.LockSupport;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDomain;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.DriverFence;

/** Faults on demand: does on a driver's own thread, with the driver's own rights, what a broken driver would do. */
final class Sabotage {
    private static final int NO_STATUS = 77;

    private Sabotage() {}

    /** True when the fault that is asked for has its place in that call. */
    static boolean now(DriverInstance i, Call c) {
        return (i.armed == DriverFault.LOST || i.armed == DriverFault.DUPLICATE) == (c == Call.COMPLETED);
    }

    static void commit(DriverInstance i, BlockBackend backend, RequestHandle r) {
        DriverFault f = i.armed;
        i.armed = null;
        switch (f) {
            case EXCEPTION -> throw new IllegalStateException("injected");
            // these two end where a driver's would, whose classes are woven
            case HANG -> {
                for (;;) {
                    DriverFence.check();
                    Thread.onSpinWait();
                }
            }
            case DEADLOCK -> {
                for (;;) {
                    DriverFence.check();
                    LockSupport.park(i);
                }
            }
            case LOST -> { }
            case DUPLICATE -> {
                backend.completed(r);
                i.domain.complete(r, BlockDomain.OK);
            }
            case WRONG_ID -> i.domain.complete(r, BlockDomain.OK);
            case GARBAGE -> {
                if (r.segments() > 1) {
                    r.bind(0, i.domain.map(r, 1));
                }
                i.domain.complete(r, NO_STATUS);
            }
        }
    }
}
