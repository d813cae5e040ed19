package xen.kernel.driver;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.block.BlockBackend;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.Vbd;

/**
 * The driver's own code behind an instance: every call of it is made here, on the instance's thread and without a lock of the core. Whatever
 * it throws comes out.
 */
final class DriverCode {
    private static final Logger LOG = LoggerFactory.getLogger(DriverInstance.class);

    private final DriverInstance instance;
    private BlockDriver driver;
    private BlockBackend backend;
    /** The question whether it is well lies before it. */
    boolean aliveAsked;

    DriverCode(DriverInstance instance, BlockDriver driver) {
        this.instance = instance;
        this.driver = driver;
    }

    void call(Call c, Object subject) {
        switch (c) {
            case START -> backend = driver.start(instance.domain, instance.kind);
            case ATTACH -> backend.attach((Vbd) subject);
            case DETACH -> backend.detach((Vbd) subject);
            case REQUEST, COMPLETED -> {
                RequestHandle r = (RequestHandle) subject;
                if (instance.armed != null && Sabotage.now(instance, c)) {
                    Sabotage.commit(instance, backend, r);
                } else if (c == Call.REQUEST) {
                    backend.request(r);
                } else {
                    backend.completed(r);
                }
            }
            case ALIVE -> {
                aliveAsked = false;
                if (!backend.alive()) {
                    throw new IllegalStateException("says it is not well");
                }
            }
            case STOP -> {
                if (backend != null) {
                    backend.stop();
                }
            }
        }
    }

    /** Nothing may hold the driver's classes any more. */
    void drop() {
        backend = null;
        driver = null;
    }

    /** What the driver threw, in words. Its methods are the driver's code too: called here, without the lock, while the call is still watched. */
    String words(Call c, Throwable t) {
        try {
            LOG.debug("block driver {} failed in {}", instance.name, c, t);
            // a class that was refused says why in the cause
            return t instanceof LinkageError && t.getCause() != null ? t.getMessage() + " " + t.getCause().getMessage() : t.toString();
        } catch (Throwable x) {
            return t.getClass().getName() + ", which does not even say what it is";
        }
    }
}
