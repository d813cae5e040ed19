package xen.kernel.core;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import xen.kernel.api.control.CpuPools;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.DomainImage;
import xen.kernel.api.control.DomainListener;
import xen.kernel.api.control.DriverDomain;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.LockReport;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.control.PageTableLevel;
import xen.kernel.api.control.RestoringDomain;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.control.SymbolSource;
import xen.kernel.api.control.TraceSink;
import xen.kernel.api.control.VcpuStart;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.event.EventPort;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.api.time.Timeline;
import xen.kernel.event.SharedInfo;
import xen.kernel.save.Capture;
import xen.kernel.save.Restoration;
import xen.kernel.trap.VcpuInitialise;

/**
 * The core's facade for domain 0. Finds the powered-on {@link Core}, takes its lock, and delegates to the part in charge. Calls come from
 * any thread; {@link #powerOn} and {@link #powerOff} exclude each other by this object's monitor.
 */
class HypervisorImpl implements Hypervisor {
    /** Frames that are cleared and given under one hold of the lock. */
    private static final int POPULATE_PIECE = 1024;

    final Plugins plugins = new Plugins();
    private final List<DomainListener> listeners = new CopyOnWriteArrayList<>();
    private volatile Core core;

    // Power

    @Override public synchronized void powerOn(MachineConfig config) {
        if (core != null) {
            throw new HypervisorException(Errno.EBUSY, "the machine is on already; power it off first");
        }
        Core c = PowerOn.build(config, plugins);
        c.listeners.addAll(listeners);
        core = c;
        plugins.attach(c);
        c.dispatcher.start();
    }

    @Override public synchronized void powerOff() {
        Core c = core;
        if (c == null) {
            return;
        }
        for (DomainImpl d : List.copyOf(c.domains())) {
            c.dispatcher.quiesced(() -> c.life.destroy(d));
            c.life.releaseMemory(d);
        }
        plugins.detach();
        c.dispatcher.stop();
        core = null;
        c.board().close();
    }

    @Override public String engine() { return core().board().engine(); }

    @Override public SwapReport selectEngine(String name) { return EngineSwap.run(core(), name); }

    @Override public SwapReport selectMachine(String name) {
        core();
        return plugins.select(name);
    }

    @Override public Optional<MachineConfig> config() { return Optional.ofNullable(core).map(c -> c.config); }

    @Override public MachineMemory memory() { return core().memory; }

    @Override public Timeline timeline() { return core().timeline; }

    @Override public long freePages() { return locked(c -> c.frames.free()); }

    private Core core() {
        Core c = core;
        if (c == null) {
            throw new IllegalStateException("the machine is off");
        }
        return c;
    }

    private <T> T locked(Function<Core, T> action) {
        Core c = core();
        c.lock.lock();
        try {
            return action.apply(c);
        } finally {
            c.lock.unlock();
        }
    }

    private <T> T on(int domid, Function<DomainImpl, T> action) { return locked(c -> action.apply(find(c, domid))); }

    private void run(int domid, java.util.function.Consumer<DomainImpl> action) {
        on(domid, d -> {
            action.accept(d);
            return null;
        });
    }

    private void building(int domid, java.util.function.Consumer<DomainImpl> action) {
        run(domid, d -> {
            if (d.state() != DomainState.BUILDING) {
                throw new HypervisorException(Errno.EBUSY, d + " is " + d.state() + ": only a domain that is being built can be changed so");
            }
            action.accept(d);
        });
    }

    private static DomainImpl find(Core c, int domid) {
        DomainImpl d = c.domain(domid);
        if (d == null) {
            throw new HypervisorException(Errno.ESRCH, "there is no domain " + domid);
        }
        return d;
    }

    // Domains

    @Override public Domain create(DomainConfig config) {
        return locked(c -> {
            DomainImpl d = new DomainImpl(c, c.ids.next(), config);
            try {
                d.memory.setMax(config.maxPages());
                SharedInfo.init(d);
            } catch (RuntimeException e) {
                d.memory.releaseAll();
                throw e;
            }
            c.add(d);
            return d;
        });
    }

    @Override public List<Domain> domains() { return List.copyOf(core().domains()); }

    @Override public Optional<Domain> domain(int id) { return Optional.ofNullable(core().domain(id)); }

    @Override public void unpause(int domid) {
        Core c = core();
        if (on(domid, d -> d.resumption != null)) {
            Capture.onMachine(c, () -> c.life.unpause(find(c, domid)));
        } else {
            run(domid, d -> d.core.life.unpause(d));
        }
    }

    @Override public void pause(int domid) { run(domid, d -> d.core.life.pause(d)); }

    @Override public void destroy(int domid) {
        Core c = core();
        DomainImpl[] dying = new DomainImpl[1];
        c.dispatcher.quiesced(() -> {
            DomainImpl d = find(c, domid);
            if (c.life.destroy(d)) {
                c.ids.rest(d);
                dying[0] = d;
            }
        });
        if (dying[0] != null) {
            c.life.releaseMemory(dying[0]);
        }
    }

    @Override public void shutdown(int domid, ShutdownReason reason) { run(domid, d -> d.core.life.shutdown(d, reason)); }

    @Override public void crash(int domid, String reason) {
        Core c = core();
        c.dispatcher.quiesced(() -> c.life.crash(find(c, domid).vcpu(0), reason));
    }

    @Override public void addListener(DomainListener listener) {
        synchronized (this) {
            listeners.add(listener);
            if (core != null) {
                core.listeners.add(listener);
            }
        }
    }

    @Override public void removeListener(DomainListener listener) {
        synchronized (this) {
            listeners.remove(listener);
            if (core != null) {
                core.listeners.remove(listener);
            }
        }
    }

    // Building

    /** In pieces: to clear a gigabyte under the lock would stop all guests for a second. What is refused is refused before the first. */
    @Override public long[] populate(int domid, long firstPfn, int count) {
        run(domid, d -> d.memory.checkPopulate(firstPfn, count));
        long[] mfns = new long[count];
        for (int done = 0; done < count; done += POPULATE_PIECE) {
            int from = done, n = Math.min(POPULATE_PIECE, count - done);
            System.arraycopy(on(domid, d -> d.memory.populate(firstPfn + from, n)), 0, mfns, done, n);
        }
        return mfns;
    }

    @Override public void setM2p(int domid, long mfn, long pfn) { run(domid, d -> d.memory.setM2p(mfn, pfn)); }

    @Override public void pinTable(int domid, PageTableLevel level, long mfn) { building(domid, d -> d.memory.pinTable(level, mfn)); }

    @Override public long sharedInfo(int domid) { return on(domid, d -> d.memory.sharedInfoMfn()); }

    @Override public void start(int domid, VcpuStart start) { building(domid, d -> VcpuInitialise.start(d.vcpu(0), start)); }

    @Override public void setMaxPages(int domid, long pages) { run(domid, d -> d.memory.setMax(pages)); }

    @Override public void rename(int domid, String name) { run(domid, d -> d.name(name)); }

    @Override public void symbols(int domid, SymbolSource source) { run(domid, d -> d.symbols(source)); }

    // Saving and restoring

    @Override public void capture(int domid, Consumer<DomainImage> whileStopped) {
        Core c = core();
        Capture.run(c, on(domid, d -> d), whileStopped);
    }

    @Override public RestoringDomain restore(DomainConfig config, DomainImage image) {
        if (config.vcpus() != image.vcpus()) {
            throw new HypervisorException(Errno.EINVAL, "the snapshot has " + image.vcpus() + " vCPUs, the configuration " + config.vcpus());
        }
        return locked(c -> {
            DomainImpl d = new DomainImpl(c, c.ids.nextOr(image.domid()), config);
            Restoration r;
            try {
                r = new Restoration(d, image, () -> destroy(d.id()));
            } catch (RuntimeException e) {
                d.memory.releaseAll();
                throw e;
            }
            c.add(d);
            return r;
        });
    }

    @Override public void stopAt(int domid, long instructions, Runnable action) {
        run(domid, d -> {
            d.stopAt = Long.MAX_VALUE;
            d.atStop = action;
            d.stopAt = action == null ? Long.MAX_VALUE : instructions;
        });
    }

    // What tools leave

    @Override public void keep(String tool, byte[] state) {
        Core c = core;
        if (c != null) {
            c.kept.put(tool, state.clone());
        }
    }

    @Override public Optional<byte[]> claim(String tool) { return Optional.ofNullable(core).map(c -> c.kept.remove(tool)); }

    // Parameters

    @Override public void setWeight(int domid, int weight, int cap) {
        if (weight < 1 || weight > 65535 || cap < 0) {
            throw new HypervisorException(Errno.EINVAL, "weight " + weight + ", cap " + cap + ": weight is 1 to 65535, cap 0 (none) or percent");
        }
        run(domid, d -> d.vcpus().forEach(v -> v.sched.parameters(weight, cap)));
    }

    @Override public void setAffinity(Vcpu vcpu, BitSet pcpus) {
        locked(c -> {
            if (pcpus != null && (pcpus.isEmpty() || pcpus.nextSetBit(0) >= c.pcpus())) {
                throw new HypervisorException(Errno.EINVAL, "affinity " + pcpus + " leaves no pCPU of the " + c.pcpus() + " there are");
            }
            ((VcpuImpl) vcpu).sched.affinity(pcpus == null ? null : (BitSet) pcpus.clone());
            return null;
        });
    }

    @Override public void setGang(Vcpu vcpu, int gang) {
        locked(c -> {
            ((VcpuImpl) vcpu).sched.gang(gang);
            return null;
        });
    }

    @Override public Map<String, Long> schedulerFigures() {
        Core c = core();
        Map<String, Long> m = c.schedulers.figures();
        c.dispatcher.migrations().addTo(m);
        return m;
    }

    @Override public String scheduler() { return core().schedulers.first().scheduler(); }

    @Override public CpuPools cpuPools() { return core().schedulers; }

    @Override public SwapReport selectScheduler(String name) { return core().schedulers.selectScheduler(CpuPools.FIRST, name); }

    // Event channels and grants

    @Override public DriverDomain driverDomain(String name) {
        return locked(c -> {
            DriverDomainImpl d = c.drivers.get(name);
            if (d != null) {
                return d;
            }
            int id = c.ids.highest();
            d = new DriverDomainImpl(c, id, name);
            c.drivers.put(name, d);
            c.log.say("driver domain " + name + " has id " + id);
            return d;
        });
    }

    @Override public List<DriverDomain> driverDomains() {
        return core == null ? List.of() : locked(c -> c.drivers.values().stream().<DriverDomain>map(d -> d).sorted(Comparator.comparingInt(DriverDomain::domid)).toList());
    }

    @Override public int allocUnbound(int domid) { return on(domid, d -> d.core.dom0.allocUnbound(d)); }

    @Override public EventPort bindInterdomain(int domid, int remotePort, Runnable onEvent) {
        return on(domid, d -> d.core.dom0.bindInterdomain(0, d, remotePort, onEvent));
    }

    @Override public GrantMapping mapGrant(int domid, int ref, boolean readOnly) { return on(domid, d -> d.grants.mapGrant(0, ref, readOnly)); }

    @Override public void seedGrant(int domid, int ref, long mfn) { run(domid, d -> d.grants.seedGrant(ref, mfn)); }

    // Observation

    @Override public String dmesg() { return core().log.text(); }

    @Override public Optional<LockReport> lockReport() {
        Core c = core();
        return Optional.ofNullable(c.lock.report(c.hypercalls::name));
    }

    @Override public void trace(TraceSink sink) {
        Core c = core();
        c.dispatcher.quiesced(() -> c.trace(sink));
    }

    @Override public void quiesced(Runnable action) { core().dispatcher.quiesced(action); }

    @Override public Optional<byte[]> peek(Vcpu vcpu, long va, int bytes) {
        if (bytes < 0 || bytes > 1 << 20) {
            throw new HypervisorException(Errno.EINVAL, bytes + " bytes: up to 1 MiB can be read at once");
        }
        return locked(c -> {
            byte[] out = new byte[bytes];
            for (int done = 0; done < bytes;) {
                long host = GuestWalk.host(c.memory, vcpu.context().root(), va + done);
                if (host == -1) {
                    return Optional.<byte[]>empty();
                }
                int n = Math.min(bytes - done, 4096 - (int) (va + done & 4095));
                Raw.get(host, out, done, n);
                done += n;
            }
            return Optional.of(out);
        });
    }
}
