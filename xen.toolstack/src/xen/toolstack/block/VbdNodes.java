package xen.toolstack.block;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.RingConfig;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.XenStore;

/**
 * The back end's half of the xenbus handshake of one virtual disk: writes both sides' nodes, follows the front end's state, and connects
 * the rings it names. Our state: InitWait to Connected when the front end is Initialised; Closing and Closed when it closes; InitWait
 * again when it starts anew (a boot loader has left, a kernel comes). A restart of the driver shows here in nothing.
 */
final class VbdNodes implements AutoCloseable {
    private static final int INITIALISING = 1, INIT_WAIT = 2, INITIALISED = 3, CONNECTED = 4, CLOSING = 5, CLOSED = 6;
    private static final int QUEUES = 4, INFO_CDROM = 1, INFO_READONLY = 4;
    /** Name of the driver domain. */
    private static final String DRIVER = "blk";
    private static final Logger LOG = LoggerFactory.getLogger(VbdNodes.class);

    private final XenStore store;
    private final ManagedVbd vbd;
    private final DiskSpec spec;
    private final int maxSegments;
    /** The driver domain: its permission as an owner, its home. */
    private final String driver, home;
    final String front, back;
    private AutoCloseable watch;
    private int state;
    private boolean closed;
    /** It was asked to let go, and has not answered. */
    private boolean asked;

    VbdNodes(XenStore store, ManagedVbd vbd, DiskSpec spec, int maxSegments) {
        this.store = store;
        this.vbd = vbd;
        this.spec = spec;
        this.maxSegments = maxSegments;
        front = "/local/domain/" + vbd.domid() + "/device/vbd/" + vbd.device();
        driver = "n" + vbd.backendDomid();
        home = "/local/domain/" + vbd.backendDomid();
        back = home + "/backend/vbd/" + vbd.domid() + "/" + vbd.device();
    }

    void publish() {
        Map<String, String> b = new TreeMap<>();
        b.put("frontend", front);
        b.put("frontend-id", Integer.toString(vbd.domid()));
        b.put("online", "1");
        b.put("removable", spec.cdrom() ? "1" : "0");
        b.put("bootable", "1");
        b.put("dev", spec.vdev());
        b.put("type", "phy");
        b.put("mode", vbd.readOnly() ? "r" : "w");
        b.put("device-type", spec.cdrom() ? "cdrom" : "disk");
        b.put("params", spec.target());
        b.put("feature-flush-cache", "1");
        b.put("feature-barrier", "1");
        b.put("feature-persistent", spec.persistent() ? "1" : "0");
        b.put("feature-max-indirect-segments", Integer.toString(maxSegments));
        b.put("multi-queue-max-queues", Integer.toString(QUEUES));
        b.put("max-ring-page-order", Integer.toString(RingConfig.MAX_ORDER));
        if (vbd.discards()) {
            b.put("feature-discard", "1");
            b.put("discard-granularity", Integer.toString(vbd.sectorSize()));
            b.put("discard-alignment", "0");
            b.put("discard-secure", "0");
        }
        b.put("state", Integer.toString(INIT_WAIT));
        Map<String, String> f = new TreeMap<>();
        f.put("backend", back);
        f.put("backend-id", Integer.toString(vbd.backendDomid()));
        f.put("virtual-device", Integer.toString(vbd.device()));
        f.put("device-type", spec.cdrom() ? "cdrom" : "disk");
        f.put("state", Integer.toString(INITIALISING));
        store.transaction(s -> {
            s.remove(front);
            s.remove(back);
            if (vbd.backendDomid() != 0) {
                value(s, home + "/domid", Integer.toString(vbd.backendDomid()), driver);
                value(s, home + "/name", DRIVER, driver);
            }
            node(s, back, driver, "r" + vbd.domid());
            b.forEach((k, v) -> value(s, back + "/" + k, v, driver, "r" + vbd.domid()));
            node(s, front, "n" + vbd.domid(), "r" + vbd.backendDomid());
            f.forEach((k, v) -> value(s, front + "/" + k, v, "n" + vbd.domid(), "r" + vbd.backendDomid()));
        });
        state = INIT_WAIT;
        listen();
    }

    /** Goes on with nodes that are there: rings that were connected are connected again where they stand. */
    void resume() {
        readState();
        if (state == CONNECTED) {
            vbd.connect(rings(), spec.persistent() && key("feature-persistent").equals("1"));
        }
        listen();
    }

    /** Goes on with nodes that are there and a device as connected as they say. */
    void adopt() {
        readState();
        listen();
    }

    private void readState() {
        state = number(store.read(back + "/state").orElseThrow(() -> new ToolstackException("disk " + spec.vdev() + ": the guest knows another back end than " + back
                + ", the block driver's here; restore it with the drivers that it had")), CLOSED);
    }

    private void listen() {
        vbd.onFault(this::fault);
        watch = store.watch(front + "/state", p -> frontChanged());
    }

    private static void node(XenStore s, String path, String... permissions) {
        s.mkdir(path);
        s.setPermissions(path, permissions);
    }

    private static void value(XenStore s, String path, String value, String... permissions) {
        s.write(path, value);
        s.setPermissions(path, permissions);
    }

    private void become(int next) {
        state = next;
        asked = false;
        notifyAll();
        value(store, back + "/state", Integer.toString(next), driver, "r" + vbd.domid());
    }

    /** On the timeline. */
    private synchronized void frontChanged() {
        if (closed) {
            return;
        }
        switch (number(store.read(front + "/state").orElse(""), CLOSED)) {
            case INITIALISING -> {
                if (state == CONNECTED || state == CLOSING) {
                    // it began anew and did not say that it ended, or both before we looked
                    vbd.disconnect();
                }
                if (state != INIT_WAIT) {
                    become(INIT_WAIT);
                }
            }
            case INITIALISED, CONNECTED -> {
                if (state == INIT_WAIT) {
                    connect();
                }
            }
            case CLOSING -> {
                if (state != CLOSING && state != CLOSED) {
                    vbd.disconnect();
                    become(CLOSING);
                }
            }
            case CLOSED -> {
                if (state != CLOSED) {
                    vbd.disconnect();
                    become(CLOSED);
                }
            }
            default -> { }
        }
    }

    private void connect() {
        try {
            vbd.connect(rings(), spec.persistent() && key("feature-persistent").equals("1"));
        } catch (RuntimeException e) {
            fault(vbd + ": cannot connect to the front end: " + e.getMessage());
            return;
        }
        String[] readable = {driver, "r" + vbd.domid()};
        store.transaction(s -> {
            value(s, back + "/sectors", Long.toString(vbd.sectors()), readable);
            value(s, back + "/sector-size", Integer.toString(vbd.sectorSize()), readable);
            value(s, back + "/physical-sector-size", "4096", readable);
            value(s, back + "/info", Integer.toString((spec.cdrom() ? INFO_CDROM : 0) | (vbd.readOnly() ? INFO_READONLY : 0)), readable);
        });
        become(CONNECTED);
    }

    private String key(String name) { return store.read(front + "/" + name).orElse(""); }

    private static int number(String text, int otherwise) { return text.matches("[0-9]{1,10}") && Long.parseLong(text) <= Integer.MAX_VALUE ? Integer.parseInt(text) : otherwise; }

    private List<RingConfig> rings() {
        String protocol = key("protocol");
        if (!protocol.isEmpty() && !protocol.equals("x86_64-abi")) {
            throw new IllegalArgumentException("protocol " + protocol + " is not spoken here, only x86_64-abi");
        }
        int order = number(key("ring-page-order"), 0);
        int queues = number(key("multi-queue-num-queues"), 1);
        if (order < 0 || order > RingConfig.MAX_ORDER || queues < 1 || queues > QUEUES) {
            throw new IllegalArgumentException("ring-page-order " + order + ", " + queues + " queues: at most " + RingConfig.MAX_ORDER + " and " + QUEUES);
        }
        List<RingConfig> rings = new ArrayList<>();
        for (int q = 0; q < queues; q++) {
            String at = queues == 1 && key("queue-0/event-channel").isEmpty() ? "" : "queue-" + q + "/";
            int[] refs = new int[1 << order];
            for (int i = 0; i < refs.length; i++) {
                String name = at + (order == 0 && !key(at + "ring-ref").isEmpty() ? "ring-ref" : "ring-ref" + i);
                refs[i] = number(key(name), -1);
                if (refs[i] < 0) {
                    throw new IllegalArgumentException(front + "/" + name + " is missing");
                }
            }
            rings.add(new RingConfig(refs, number(key(at + "event-channel"), -1)));
        }
        return rings;
    }

    /** The front end is at fault: the device is gone for it. */
    private synchronized void fault(String report) {
        if (closed) {
            return;
        }
        LOG.warn("{}", report);
        value(store, home + "/error/backend/vbd/" + vbd.domid() + "/" + vbd.device() + "/error", report, driver);
        vbd.disconnect();
        become(CLOSING);
        become(CLOSED);
    }

    /** The image's size changed: the front end reads it again when we say Connected again. */
    synchronized void resized() {
        if (state == CONNECTED) {
            value(store, back + "/sectors", Long.toString(vbd.sectors()), driver, "r" + vbd.domid());
            become(CONNECTED);
        }
    }

    /** Asks the front end to let go (block-detach) and waits that long; false when it did not: it may still, and can be asked again. */
    boolean ask(double seconds) {
        long until = System.nanoTime() + (long) (seconds * 1e9);
        synchronized (this) {
            if (state != CONNECTED && !asked) {
                return true;
            }
            store.write(back + "/online", "0");
            if (!asked) {
                become(CLOSING);
                asked = true;
            }
            try {
                while (asked) {
                    long left = (until - System.nanoTime()) / 1_000_000;
                    if (left <= 0) {
                        return false;
                    }
                    wait(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            return true;
        }
    }

    synchronized int state() { return state; }

    /** The domain or the disk goes. */
    @Override public void close() {
        if (leave()) {
            vbd.close();
            store.remove(front);
            store.remove(back);
        }
    }

    /** Nodes and device stay as they are, for the next tool stack. @return false when this is over already */
    boolean leave() {
        synchronized (this) {
            if (closed) {
                return false;
            }
            closed = true;
        }
        vbd.onFault(null);
        try {
            if (watch != null) {
                watch.close();
            }
        } catch (Exception e) {
            LOG.debug("closing the watch of {}", front, e);
        }
        return true;
    }
}
