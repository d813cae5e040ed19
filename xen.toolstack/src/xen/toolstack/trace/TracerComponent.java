package xen.toolstack.trace;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.Tracer;

/** The tracer: owns the one trace file there can be, also while nobody holds the service. */
@Component(immediate = true)
public final class TracerComponent implements Tracer {
    private final Hypervisor hypervisor;
    private final DomainManager manager;
    private TraceFile trace;
    private Path file;

    @Activate public TracerComponent(@Reference Hypervisor hypervisor, @Reference DomainManager manager) {
        this.hypervisor = hypervisor;
        this.manager = manager;
    }

    @Override public synchronized void start(Path target, Set<String> kinds) {
        if (trace != null) {
            throw new ToolstackException("a trace is being written to " + file + "; end it first");
        }
        TraceFile t = new TraceFile(target, kinds, names(manager));
        try {
            hypervisor.trace(t);
        } catch (RuntimeException e) {
            t.close();
            throw e;
        }
        trace = t;
        file = target;
    }

    /** Names of the kernels of a manager's domains. */
    public static SymbolCache.Source names(DomainManager manager) {
        return (domid, va) -> manager.list().stream().filter(d -> d.domid() == domid).findFirst().flatMap(d -> d.symbol(va));
    }

    @Override public synchronized Optional<Path> running() { return Optional.ofNullable(trace == null ? null : file); }

    @Override public synchronized long stop() {
        TraceFile t = trace;
        if (t == null) {
            return 0;
        }
        trace = null;
        if (hypervisor.config().isPresent()) {
            hypervisor.trace(null);
        }
        t.close();
        return t.lines();
    }

    @Deactivate void deactivate() { stop(); }
}
