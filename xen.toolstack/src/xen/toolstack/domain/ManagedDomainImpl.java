package xen.toolstack.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.ShutdownReason;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.DomainStats;
import xen.toolstack.api.EndAction;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.block.DomainDisks;
import xen.toolstack.console.ConsoleLog;
import xen.toolstack.save.DomainFile;
import xen.toolstack.save.ToolState;

/**
 * One managed domain. Its incarnations follow each other: the next begins only after the last is gone. It ends for good, or is left to the
 * next tool stack. Changes are guarded by this object's lock, which is never held when a listener is called.
 */
final class ManagedDomainImpl implements ManagedDomain {
    private static final int LOG_LIMIT = 256 << 10;

    private final Tools tools;
    private volatile DomainSpec spec;
    private final ConsoleLog log = new ConsoleLog(LOG_LIMIT);
    private final List<Consumer<byte[]>> listeners = new CopyOnWriteArrayList<>();
    private final List<DomainStats> past = new ArrayList<>();
    private final CompletableFuture<End> ended = new CompletableFuture<>();
    /** The present incarnation, or the last one; null before the first. */
    private volatile Incarnation now;
    /** The incarnation still has its domain. Like {@code past}, guarded by the lock of {@code past}: the timeline reads figures while the
     *  worker, with this object's lock, may be waiting for the timeline. */
    private boolean alive;

    ManagedDomainImpl(Tools tools, DomainSpec spec) {
        this.tools = tools;
        this.spec = spec;
    }

    /** Builds and starts an incarnation from its files. */
    synchronized void start(boolean paused, BootSource source) { begin(Incarnation.build(tools, spec, source, log), paused); }

    /** Makes an incarnation of a file. */
    synchronized void restore(DomainFile file, boolean paused) { begin(Incarnation.restore(tools, spec, file, log), paused); }

    /** Goes on with a domain that another tool stack left. */
    synchronized void adopt(Domain domain, LeftDomain left) { begin(Incarnation.adopt(tools, domain, left, log), true); }

    private void begin(Incarnation i, boolean paused) {
        now = i;
        synchronized (past) {
            alive = true;
        }
        listeners.forEach(l -> i.console.addListener(l, false));
        if (!paused) {
            tools.hypervisor().unpause(i.domain.id());
        }
    }

    synchronized void rename(String name) {
        spec = spec.renamed(name);
        tools.hypervisor().rename(domid(), name);
        StoreNodes.rename(tools.daemon().domainZero(), spec, domid());
    }

    /** What the back ends know, with the domain between two instructions; on the timeline. {@code saved} are its disks. */
    ToolState toolState(List<ToolState.SavedDisk> saved) {
        if (!alive()) {
            throw new ToolstackException(spec.name() + " ended, or another tool stack has it now; try again");
        }
        return now.state(spec, log, saved);
    }

    /** Does what the spec says about this end, which came at machine time {@code nanos}; on the worker thread. */
    void shutDown(Domain which, long nanos) {
        End end;
        synchronized (this) {
            // destroyed or left before this was its turn, or preserved
            if (which != domain() || !alive() || ended.isDone()) {
                return;
            }
            ShutdownReason reason = which.shutdownReason().orElse(ShutdownReason.CRASH);
            end = new End(reason, which.crashReport().orElse(""), nanos);
            EndAction action = switch (reason) {
                case POWEROFF, SUSPEND -> spec.onPoweroff();
                case REBOOT, SOFT_RESET -> spec.onReboot();
                case CRASH, WATCHDOG -> spec.onCrash();
            };
            if (action != EndAction.PRESERVE) {
                // what the guest printed last is still in its ring
                now.console.pump();
                dispose();
            }
            if (action == EndAction.RESTART) {
                try {
                    start(false, BootSource.of(spec));
                    return;
                } catch (RuntimeException e) {
                    end = new End(reason, "restart failed: " + e.getMessage(), nanos);
                }
            }
        }
        ended.complete(end);
    }

    /** Destroys it for good. */
    void destroy() {
        synchronized (this) {
            dispose();
        }
        ended.complete(new End(null, "", tools.hypervisor().timeline().now()));
    }

    private boolean alive() {
        synchronized (past) {
            return alive;
        }
    }

    private void dispose() {
        if (finish()) {
            now.dispose(spec);
        }
    }

    /** The present incarnation is over here; its last figures are kept. False when it was over. */
    private boolean finish() {
        synchronized (past) {
            if (!alive) {
                return false;
            }
            alive = false;
            past.add(DomainStats.of(now.domain, now.disks));
            return true;
        }
    }

    /** Lets go of the domain, which runs on; null when there is none any more. Who waits for its end is told to look for it again. */
    LeftDomain leave() {
        LeftDomain left;
        synchronized (this) {
            if (!finish()) {
                return null;
            }
            left = new LeftDomain(domid(), now.startedNanos, spec, now.leave(log), ended.getNow(null));
        }
        ended.completeExceptionally(new ToolstackException("the tool stack stopped; domain " + spec.name() + " goes on: look for it again when the tool stack is back"));
        return left;
    }

    void consoleIo(byte[] text) {
        Incarnation i = now;
        if (i != null) {
            i.console.output(text);
        }
    }

    /** It shut down before and is kept for inspection. */
    void preserved(End end) { ended.complete(end); }

    /** Its virtual disks. */
    @Override public DomainDisks disks() {
        Incarnation i = now;
        return i == null ? null : i.disks;
    }

    @Override public DomainSpec spec() { return spec; }

    @Override public int domid() { return now.domain.id(); }

    @Override public Domain domain() {
        Incarnation i = now;
        return i == null ? null : i.domain;
    }

    @Override public CompletableFuture<End> ended() { return ended; }

    @Override public AutoCloseable attach(Consumer<byte[]> output) { return attach(output, false); }

    @Override public AutoCloseable attachWithLog(Consumer<byte[]> output) { return attach(output, true); }

    private AutoCloseable attach(Consumer<byte[]> output, boolean withLog) {
        synchronized (this) {
            listeners.add(output);
            if (now != null) {
                now.console.addListener(output, withLog);
            } else if (withLog) {
                output.accept(log.content());
            }
        }
        return () -> {
            synchronized (this) {
                listeners.remove(output);
                if (now != null) {
                    now.console.removeListener(output);
                }
            }
        };
    }

    @Override public void input(byte[] data) {
        Incarnation i = now;
        if (i != null) {
            i.console.input(data);
        }
    }

    @Override public byte[] consoleLog() { return log.content(); }

    @Override public Optional<String> symbol(long va) {
        Incarnation i = now;
        return i == null ? Optional.empty() : i.symbols.name(va);
    }

    @Override public long startedNanos() { return now.startedNanos; }

    @Override public void onlineVcpus(int count) {
        if (count < 1 || count > spec.maxVcpus()) {
            throw new ToolstackException("'" + spec.name() + "' can have 1 to " + spec.maxVcpus() + " vCPUs online, not " + count + ": maxvcpus is its limit");
        }
        StoreNodes.onlineVcpus(tools.daemon().domainZero(), spec, domid(), count);
    }

    @Override public List<DomainStats> stats() {
        synchronized (past) {
            List<DomainStats> all = new ArrayList<>(past);
            if (alive) {
                all.add(DomainStats.of(now.domain, now.disks));
            }
            return all;
        }
    }
}
