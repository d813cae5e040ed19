package xen.kernel.testing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import xen.kernel.api.control.CpuPools;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.control.DomainListener;
import xen.kernel.api.control.GrantMapping;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.control.PageTableLevel;
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
import xen.kernel.api.time.Timeline;

/** A core without guests: frames come in descending order, so that nobody can take a pfn for an mfn; events and timeline actions run at once. */
public final class FakeHypervisor implements Hypervisor {
    public final MachineMemory memory;
    public final List<String> calls = new ArrayList<>();
    public final Map<Integer, FakeDomain> domains = new HashMap<>();
    public final Map<Long, Long> m2p = new HashMap<>();
    public final Map<Integer, Runnable> onEvent = new HashMap<>();
    public final List<Integer> sent = new ArrayList<>();
    public final Queue<Runnable> posted = new ArrayDeque<>();
    public VcpuStart start;
    /** Machine time. */
    public long nanos = 42_000_000_000L;
    public long pinned = -1;
    public String scheduler = "bypass";
    public TraceSink trace;
    public Runnable onUnpause = () -> { };
    private final List<DomainListener> listeners = new ArrayList<>();
    private long nextFrame;
    private int nextPort = 1;
    private int nextDomid = 1;
    private MachineConfig config;
    private CpuPools pools;
    private final Map<String, byte[]> kept = new HashMap<>();

    public FakeHypervisor(long bytes) {
        memory = new MachineMemory(bytes);
        nextFrame = memory.frames - 1;
    }

    /** The bookkeeping of one domain. */
    public final class FakeDomain implements Domain {
        public final int id;
        public final DomainConfig config;
        public long[] mfns = {};
        public long sharedInfo = -1;
        public final Map<Integer, Long> grants = new HashMap<>();
        public DomainState state = DomainState.BUILDING;
        public ShutdownReason reason;
        public final List<FakeVcpu> vcpus = new ArrayList<>();

        FakeDomain(int id, DomainConfig config) {
            this.id = id;
            this.config = config;
            for (int i = 0; i < config.vcpus(); i++) {
                vcpus.add(new FakeVcpu(this, i));
            }
        }

        @Override public int id() { return id; }
        @Override public String name() { return config.name(); }
        @Override public java.util.UUID uuid() { return config.uuid(); }
        @Override public DomainState state() { return state; }
        @Override public List<FakeVcpu> vcpus() { return vcpus; }
        @Override public Optional<ShutdownReason> shutdownReason() { return Optional.ofNullable(reason); }
        @Override public Optional<String> crashReport() { return reason == ShutdownReason.CRASH ? Optional.of("it fell over") : Optional.empty(); }
        @Override public long pages() { return mfns.length; }
        @Override public long maxPages() { return config.maxPages(); }
        @Override public Map<String, Long> counters() { return Map.of("exit.syscall", 3L, "upcalls", 2L); }
    }

    private long frame() {
        Raw.zero(memory.address(nextFrame), 4096);
        return nextFrame--;
    }

    /** The guest ends: listeners hear of it as from the timeline. */
    public void guestShutsDown(int domid, ShutdownReason reason) {
        FakeDomain d = domains.get(domid);
        d.state = DomainState.SHUTDOWN;
        d.reason = reason;
        List.copyOf(listeners).forEach(l -> l.shutdown(d));
    }

    /** The guest notifies a port that domain 0 has bound. */
    public void guestNotifies(int remotePort) { onEvent.get(remotePort).run(); }

    @Override public void powerOn(MachineConfig config) {
        this.config = config;
        pools = new FakePools(this, config.topology().pcpus());
        calls.add("powerOn");
    }

    @Override public void powerOff() {
        config = null;
        calls.add("powerOff");
    }

    @Override public Optional<MachineConfig> config() { return Optional.ofNullable(config); }
    @Override public MachineMemory memory() { return memory; }
    @Override public long freePages() { return nextFrame + 1; }

    @Override public Timeline timeline() {
        return new Timeline() {
            @Override public long now() { return nanos; }

            @Override public Cancellable at(long atNanos, Runnable action) { throw new UnsupportedOperationException(); }

            @Override public void post(Runnable action) { action.run(); }
        };
    }

    @Override public Domain create(DomainConfig c) {
        FakeDomain d = new FakeDomain(nextDomid++, c);
        domains.put(d.id, d);
        return d;
    }

    @Override public List<Domain> domains() { return List.copyOf(domains.values()); }
    @Override public Optional<Domain> domain(int id) { return Optional.ofNullable(domains.get(id)); }

    @Override public void unpause(int domid) {
        domains.get(domid).state = DomainState.RUNNING;
        calls.add("unpause " + domid);
        onUnpause.run();
    }

    @Override public void pause(int domid) {
        domains.get(domid).state = DomainState.PAUSED;
        calls.add("pause " + domid);
    }

    @Override public void destroy(int domid) {
        calls.add("destroy " + domid);
        domains.remove(domid);
    }

    @Override public void shutdown(int domid, ShutdownReason reason) { guestShutsDown(domid, reason); }
    @Override public void crash(int domid, String reason) { guestShutsDown(domid, ShutdownReason.CRASH); }
    @Override public void addListener(DomainListener listener) { listeners.add(listener); }
    @Override public void removeListener(DomainListener listener) { listeners.remove(listener); }

    @Override public long[] populate(int domid, long firstPfn, int count) {
        FakeDomain d = domains.get(domid);
        d.mfns = java.util.Arrays.copyOf(d.mfns, (int) firstPfn + count);
        for (int i = 0; i < count; i++) {
            d.mfns[(int) firstPfn + i] = frame();
            m2p.put(d.mfns[(int) firstPfn + i], firstPfn + i);
        }
        return java.util.Arrays.copyOfRange(d.mfns, (int) firstPfn, (int) firstPfn + count);
    }

    @Override public void setM2p(int domid, long mfn, long pfn) { m2p.put(mfn, pfn); }

    @Override public void pinTable(int domid, PageTableLevel level, long mfn) {
        calls.add("pin " + level);
        pinned = mfn;
    }

    @Override public long sharedInfo(int domid) {
        FakeDomain d = domains.get(domid);
        return d.sharedInfo < 0 ? d.sharedInfo = frame() : d.sharedInfo;
    }

    @Override public void start(int domid, VcpuStart s) { start = s; }
    @Override public void setMaxPages(int domid, long pages) {}
    @Override public void symbols(int domid, SymbolSource source) {}

    @Override public void keep(String tool, byte[] state) { kept.put(tool, state); }
    @Override public Optional<byte[]> claim(String tool) { return Optional.ofNullable(kept.remove(tool)); }

    @Override public void setWeight(int domid, int weight, int cap) {
        calls.add("weight " + weight + " " + cap);
        domains.get(domid).vcpus.forEach(v -> {
            v.weight = weight;
            v.cap = cap;
        });
    }

    @Override public void setAffinity(Vcpu vcpu, BitSet pcpus) { ((FakeVcpu) vcpu).affinity = pcpus; }
    @Override public String scheduler() { return scheduler; }

    @Override public CpuPools cpuPools() {
        if (config == null) {
            throw new IllegalStateException("the machine is off");
        }
        return pools;
    }

    @Override public SwapReport selectScheduler(String name) {
        SwapReport r = new SwapReport(scheduler, name, 21_000, domains.size());
        scheduler = name;
        return r;
    }

    @Override public int allocUnbound(int domid) { return nextPort++; }

    @Override public EventPort bindInterdomain(int domid, int remotePort, Runnable action) {
        onEvent.put(remotePort, action);
        return new EventPort() {
            @Override public int port() { return 100 + remotePort; }

            @Override public void send() { sent.add(remotePort); }

            @Override public void close() { onEvent.remove(remotePort); }
        };
    }

    @Override public GrantMapping mapGrant(int domid, int ref, boolean readOnly) {
        long mfn = domains.get(domid).grants.get(ref);
        return new GrantMapping() {
            @Override public long address() { return memory.address(mfn); }

            @Override public boolean readOnly() { return readOnly; }

            @Override public void close() { calls.add("unmap " + ref); }
        };
    }

    @Override public void seedGrant(int domid, int ref, long mfn) { domains.get(domid).grants.put(ref, mfn); }
    @Override public String dmesg() { return ""; }
    @Override public void trace(TraceSink sink) { trace = sink; }
    @Override public void quiesced(Runnable action) { action.run(); }
    @Override public Optional<byte[]> peek(Vcpu vcpu, long va, int bytes) { return Optional.empty(); }
}
