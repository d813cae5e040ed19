package xen.toolstack.command;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.Snapshots;

/** What every subcommand that runs a guest needs; made once for all of them. */
@Component(service = GuestSessions.class)
public final class GuestSessions {
    final DomainManager manager;
    final Snapshots snapshots;
    private final Hypervisor hypervisor;

    /** @param snapshots null where nothing can be saved */
    @Activate public GuestSessions(@Reference Hypervisor hypervisor, @Reference DomainManager manager, @Reference Snapshots snapshots) {
        this.hypervisor = hypervisor;
        this.manager = manager;
        this.snapshots = snapshots;
    }

    BootSession open(SessionOptions options, CliIo io) { return new BootSession(hypervisor, manager, snapshots, options, io); }
}
