package xen.kernel.save;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import xen.kernel.api.control.DomainImage;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.Core;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;
import xen.kernel.mm.FrameImage;
import xen.kernel.sched.PcpuStates;

/** Captures one domain; any thread. */
public final class Capture {
    /** Of the core's state; the file around it has a version of its own. */
    static final int VERSION = 1;
    private static final long ASK_AGAIN_NANOS = 200_000;

    private Capture() {}

    /** Runs {@code action} where nothing of the machine is under way: in virtual time on the machine's thread, else here. */
    public static void onMachine(Core core, Runnable action) {
        if (!core.clock.isVirtual() || core.dispatcher.stands() || core.dispatcher.onDriverThread()) {
            locked(core, action);
            return;
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        core.timeline.post(() -> {
            try {
                locked(core, action);
                done.complete(null);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException r) {
                throw r;
            }
            throw e;
        }
    }

    private static void locked(Core core, Runnable action) {
        core.lock.lock();
        try {
            action.run();
        } finally {
            core.lock.unlock();
        }
    }

    /** {@code Hypervisor.capture}. */
    public static void run(Core core, DomainImpl d, Consumer<DomainImage> whileStopped) {
        if (core.clock.isVirtual()) {
            onMachine(core, () -> whileStopped.accept(image(core, d)));
            return;
        }
        // an exit that a pCPU has in hand is kept with the vCPU when the domain has been stopped
        locked(core, () -> core.life.pause(d));
        try {
            while (d.vcpus().stream().anyMatch(v -> v.sched.pcpu() >= 0)) {
                LockSupport.parkNanos(ASK_AGAIN_NANOS);
            }
            locked(core, () -> whileStopped.accept(image(core, d)));
        } finally {
            locked(core, () -> core.life.unpause(d));
        }
    }

    private static DomainImage image(Core core, DomainImpl d) {
        String shared = d.state() != DomainState.RUNNING && d.state() != DomainState.PAUSED ? "it is " + d.state().name().toLowerCase(java.util.Locale.ROOT)
                : d.events.shared() != null ? d.events.shared() : d.grants.shared();
        if (shared != null) {
            throw new HypervisorException(Errno.EBUSY, d + " (" + d.name() + ") cannot be saved: " + shared);
        }
        boolean settled = d.vcpus().stream().allMatch(v -> v.sched.settled());
        StateWriter w = new StateWriter();
        write(core, d, w);
        return FrameImage.of(d.memory, d.vcpus().size(), settled, w.done());
    }

    private static void write(Core core, DomainImpl d, StateWriter w) {
        boolean virtual = core.clock.isVirtual();
        w.part("core").i32(VERSION);
        w.part("machine").flag(virtual).i64(core.clock.hz()).text(core.config.topology().toString()).text(core.config.costs().toString())
                .i64(core.clock.now()).i64(virtual ? core.clock.cycles() : core.clock.tsc()).flag(PcpuStates.alone(core, d));
        PcpuStates.capture(core, d, w);
        // a pause of this capture's own is none of the domain's
        w.part("domain").i32(d.pauses() - (virtual ? 0 : 1)).i64(d.assists).i32(d.shutdownCode);
        w.raw(d.consoleLine.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)).i64(d.timeOffset).i64(d.tscOffset);
        Map<String, Long> counters = d.counters();
        w.i32(counters.size());
        counters.forEach((n, c) -> w.text(n).i64(c));
        d.memory.capture(w);
        d.grants.capture(w);
        d.events.capture(w);
        d.watchdogs.capture(w);
        for (VcpuImpl v : d.vcpus()) {
            VcpuRegisters.capture(v, w);
            v.traps.capture(w);
            v.descriptors.capture(w);
            v.info.capture(w);
            v.time.capture(w);
            v.sched.capture(w);
        }
    }
}
