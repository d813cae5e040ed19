package xen.toolstack.console;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.event.EventPort;

/**
 * The console back end of one domain. The guest's output is kept in a log and given to listeners; input waits here until the ring has
 * room. {@link #pump} runs on the timeline only, so output order and its place in virtual time are the same in every run; input comes in
 * on any thread by {@link #input}. Its lock keeps two pCPUs' timeline actions apart. Listeners are called on the timeline and must not block.
 */
public final class Console implements AutoCloseable {
    private final Hypervisor hypervisor;
    private final ConsoleLog log;
    private final List<Consumer<byte[]>> listeners = new CopyOnWriteArrayList<>();
    private final GrantMapping page;
    private final ConsoleRing ring;
    private final EventPort port;
    private final ArrayDeque<byte[]> typed = new ArrayDeque<>();
    private int typedDone;
    private boolean closed;

    /** Attaches to the page that the domain granted under {@code grant} and to its unbound port. */
    public Console(Hypervisor hypervisor, int domid, int grant, int remotePort, ConsoleLog log) {
        this(hypervisor, domid, grant, remotePort, log, List.of());
    }

    /** @param waiting input of a restored domain that its ring had no room for yet */
    public Console(Hypervisor hypervisor, int domid, int grant, int remotePort, ConsoleLog log, List<byte[]> waiting) {
        this.hypervisor = hypervisor;
        this.log = log;
        typed.addAll(waiting);
        this.page = hypervisor.mapGrant(domid, grant, false);
        this.ring = new ConsoleRing(page.address());
        synchronized (this) {
            // an event may come before the port is known: it waits for this lock
            this.port = hypervisor.bindInterdomain(domid, remotePort, this::pump);
        }
    }

    /** @param withLog the listener first gets what was printed before, in this call */
    public synchronized void addListener(Consumer<byte[]> listener, boolean withLog) {
        if (withLog) {
            listener.accept(log.content());
        }
        listeners.add(listener);
    }

    public void removeListener(Consumer<byte[]> listener) { listeners.remove(listener); }

    /** Types {@code data} into the guest. */
    public void input(byte[] data) {
        synchronized (this) {
            typed.addLast(data);
        }
        hypervisor.timeline().post(this::pump);
    }

    /** Moves bytes both ways; on the timeline. */
    public synchronized void pump() {
        if (closed) {
            return;
        }
        byte[] text = ring.take();
        boolean moved = text.length > 0;
        if (moved) {
            output(text);
        }
        while (!typed.isEmpty()) {
            byte[] next = typed.peekFirst();
            int n = ring.put(next, typedDone);
            typedDone += n;
            moved |= n > 0;
            if (typedDone < next.length) {
                break;
            }
            typed.removeFirst();
            typedDone = 0;
        }
        if (moved) {
            port.send();
        }
    }

    /** Also the way in for text that the guest writes by console_io. */
    public synchronized void output(byte[] text) {
        log.append(text);
        listeners.forEach(l -> l.accept(text));
    }

    /** Input that the ring had no room for yet. */
    public synchronized List<byte[]> waiting() {
        List<byte[]> all = new ArrayList<>(typed);
        if (typedDone > 0) {
            all.set(0, Arrays.copyOfRange(all.getFirst(), typedDone, all.getFirst().length));
        }
        return all;
    }

    public ConsoleLog log() { return log; }

    /** To be called before the domain's frames go, or when another console shall take over: what the guest prints then stays in its ring. */
    @Override public synchronized void close() {
        closed = true;
        port.close();
        page.close();
    }
}
