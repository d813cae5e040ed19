package xen.toolstack.domain;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.toolstack.api.SavedDomain;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.block.DiskSpec;
import xen.toolstack.block.DomainDisks;
import xen.toolstack.save.DiskStamp;
import xen.toolstack.save.DomainFile;
import xen.toolstack.save.ToolState;

/**
 * One save: waits on the timeline until the domain can be saved (its disks idle, and it too if that was asked for), then captures and
 * writes in one action of the timeline, so that no back end moves meanwhile. In virtual time without waiting it leaves no trace in the run.
 */
final class Saving {
    /** Machine time between two looks, and how long in all. */
    private static final long DISK_STEP = 20_000, IDLE_STEP = 1_000_000, LIMIT = 10_000_000_000L;

    private final Hypervisor hypervisor;
    private final ManagedDomainImpl domain;
    private final Path file;
    private final boolean settled, keep;
    private final CompletableFuture<SavedDomain> done = new CompletableFuture<>();
    private long begun = -1;

    Saving(Hypervisor hypervisor, ManagedDomainImpl domain, Path file, boolean settled, boolean keep) {
        this.hypervisor = hypervisor;
        this.domain = domain;
        this.file = file.toAbsolutePath();
        this.settled = settled;
        this.keep = keep;
    }

    CompletableFuture<SavedDomain> done() { return done; }

    CompletableFuture<SavedDomain> begin() {
        hypervisor.timeline().post(this::attempt);
        return done;
    }

    /** On the timeline, or in virtual time on the machine's thread between two instructions. */
    void attempt() {
        try {
            long now = hypervisor.timeline().now();
            begun = begun < 0 ? now : begun;
            boolean late = now - begun > LIMIT;
            DomainDisks disks = domain.disks();
            if (disks.underWay() > 0) {
                if (late) {
                    throw new ToolstackException(file + ": " + domain.spec().name() + " cannot be saved: requests of its disks do not end; look at xen:driver-list");
                }
                hypervisor.timeline().at(now + DISK_STEP, this::attempt);
            } else if (settled && !late && !idle()) {
                hypervisor.timeline().at(now + IDLE_STEP, this::attempt);
            } else {
                capture(disks.specs());
            }
        } catch (RuntimeException | Error e) {
            done.completeExceptionally(e instanceof HypervisorException ? new ToolstackException(e.getMessage(), e) : e);
        }
    }

    private boolean idle() {
        return domain.domain().vcpus().stream().map(Vcpu::runState).allMatch(s -> s == RunState.BLOCKED || s == RunState.OFFLINE);
    }

    private void capture(List<DiskSpec> specs) {
        specs.stream().filter(s -> s.format().equals("ram")).findFirst().ifPresent(s -> {
            throw new ToolstackException(file + ": " + domain.spec().name() + " cannot be saved: its disk " + s.vdev() + " is in this program's memory only; give it an"
                    + " image file");
        });
        List<ToolState.SavedDisk> saved = specs.stream().map(s -> new ToolState.SavedDisk(s.text(), DiskStamp.of(Path.of(s.target())))).toList();
        SavedDomain[] result = new SavedDomain[1];
        hypervisor.capture(domain.domid(), image -> {
            long instructions = domain.domain().vcpus().stream().mapToLong(v -> v.context().retired()).sum();
            result[0] = DomainFile.write(file, image, domain.spec(), hypervisor.config().orElseThrow(), domain.toolState(saved), hypervisor.memory(), instructions,
                    hypervisor.timeline().now());
            if (!keep) {
                hypervisor.pause(domain.domid());
            }
        });
        done.complete(result[0]);
    }
}
