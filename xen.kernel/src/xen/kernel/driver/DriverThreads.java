package xen.kernel.driver;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import xen.kernel.api.block.DriverFence;

/** Threads of driver instances: there from the first instance of a machine to its power-off. Under the block core's lock. */
final class DriverThreads {
    /** Of a driver's thread, bytes; virtual memory until it is used. Also for a core that is not compiled yet, see {@link DriverFence#room}. */
    private static final long STACK = 2 << 20;

    private ExecutorService threads;

    /** Gives the instance a thread. */
    void run(DriverInstance i) {
        if (threads == null) {
            threads = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().stackSize(STACK).name("driver-blk-", 0).factory());
        }
        threads.execute(i);
    }

    /** Those in use end with their instances. */
    void end() {
        if (threads != null) {
            threads.shutdown();
            threads = null;
        }
    }
}
