package xen.toolstack.domain;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.SavedDomain;
import xen.toolstack.api.Snapshots;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.block.DiskSpec;
import xen.toolstack.save.DiskStamp;
import xen.toolstack.save.DomainFile;
import xen.toolstack.save.ToolState;

/** Saving and restoring of the manager's domains. */
@Component(service = Snapshots.class, immediate = true)
public final class SnapshotsImpl implements Snapshots {
    private final Hypervisor hypervisor;
    private final DomainManagerImpl manager;
    private final BlockControl block;

    @Activate public SnapshotsImpl(@Reference Hypervisor hypervisor, @Reference DomainManagerImpl manager, @Reference BlockControl block) {
        this.hypervisor = hypervisor;
        this.manager = manager;
        this.block = block;
    }

    @Override public CompletableFuture<SavedDomain> save(ManagedDomain domain, Path file, Moment moment, boolean keep) {
        return new Saving(hypervisor, (ManagedDomainImpl) domain, file, moment == Moment.SETTLED, keep).begin();
    }

    @Override public CompletableFuture<SavedDomain> saveAt(ManagedDomain domain, Path file, long instructions, boolean keep) {
        Saving s = new Saving(hypervisor, (ManagedDomainImpl) domain, file, false, keep);
        boolean virtual = hypervisor.config().orElseThrow().timeMode() == TimeMode.VIRTUAL;
        // in real time the caller is the vCPU's own thread, which has to get out of the way first
        hypervisor.stopAt(domain.domid(), instructions, virtual ? s::attempt : s::begin);
        return s.done();
    }

    @Override public SavedDomain read(Path file) { return DomainFile.read(file); }

    @Override public ManagedDomain restore(Path file, String name, boolean paused, boolean changedDisks) {
        try (DomainFile f = DomainFile.open(file)) {
            DomainSpec spec = name == null ? f.spec() : f.spec().withName(name);
            check(file, f.tools().disks(), changedDisks);
            return manager.add(spec, d -> {
                try {
                    d.restore(f, paused);
                } catch (HypervisorException | IllegalArgumentException e) {
                    throw new ToolstackException(file + ": cannot be restored: " + e.getMessage(), e);
                }
            });
        }
    }

    private void check(Path file, List<ToolState.SavedDisk> disks, boolean changed) {
        List<DiskSpec> specs = DiskSpec.all(disks.stream().map(ToolState.SavedDisk::words).toList());
        for (int i = 0; i < specs.size(); i++) {
            DiskSpec s = specs.get(i);
            s.check();
            boolean used = block.list().stream().anyMatch(v -> v.config().target().equals(s.target()) && !(v.readOnly() && s.readOnly()));
            if (used) {
                throw new ToolstackException(file + ": disk " + s.vdev() + " (" + s.target() + ") is in use by another domain, and two that write to one image destroy"
                        + " what is on it; end that domain, or save a domain whose disks are read-only");
            }
            String differs = disks.get(i).stamp().differs(DiskStamp.of(Path.of(s.target())));
            if (differs != null && !changed) {
                throw new ToolstackException(file + ": disk " + s.vdev() + " (" + s.target() + ") is not what it was when the domain was saved: " + differs
                        + "; put the image of then back, or restore with --changed-disks if the guest can stand it");
            }
        }
    }
}
