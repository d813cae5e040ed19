package xen.kernel.api.control;

import java.util.List;
import java.util.Optional;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.event.EventPort;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.time.Timeline;

/**
 * The core as domain 0 sees it: domctl, sysctl and domain 0's part of memory_op, event channels and grants, as typed calls. A service of
 * the core, registered from the start; everything but {@link #powerOn} throws IllegalStateException until the machine is on. Safe on any
 * thread. Failures are {@link HypervisorException} with an errno and a message that names the cause.
 */
public interface Hypervisor {
    /** Makes memory and CPUs and starts the machine's threads. Once; a second call is refused until {@link #powerOff}. */
    void powerOn(MachineConfig config);

    /** Destroys all domains and stops the machine. */
    void powerOff();

    Optional<MachineConfig> config();

    MachineMemory memory();

    Timeline timeline();

    /** Frames nobody owns. */
    long freePages();

    // Domains

    Domain create(DomainConfig config);

    List<Domain> domains();

    Optional<Domain> domain(int id);

    /** First start after building, and the counterpart of {@link #pause}; counted like Xen's. */
    void unpause(int domid);

    void pause(int domid);

    /** Takes everything from the domain and removes it; in any state. */
    void destroy(int domid);

    /** Marks the domain as shut down from outside (as {@code SCHEDOP_shutdown} does from inside). */
    void shutdown(int domid, ShutdownReason reason);

    /** Ends the domain with reason CRASH and a report; used for faults that are the guest's own. */
    void crash(int domid, String reason);

    void addListener(DomainListener listener);

    void removeListener(DomainListener listener);

    // Building a domain (state BUILDING)

    /** Gives {@code count} zeroed frames to the domain; pfn firstPfn + i maps to result[i] in the M2P. */
    long[] populate(int domid, long firstPfn, int count);

    /** Tells the guest-physical number of a frame (MMU_MACHPHYS_UPDATE). */
    void setM2p(int domid, long mfn, long pfn);

    /** Validates and pins a page table that the builder wrote, with everything under it. */
    void pinTable(int domid, PageTableLevel level, long mfn);

    /** mfn of the domain's shared_info frame. */
    long sharedInfo(int domid);

    /** Sets up vCPU 0; the other vCPUs stay down until the guest brings them up. */
    void start(int domid, VcpuStart start);

    void setMaxPages(int domid, long pages);

    /** Gives the domain another name; what it is called is for people only. */
    default void rename(int domid, String name) { throw new HypervisorException(xen.kernel.api.hypercall.Errno.ENOSYS, "no renaming here"); }

    /** Names for crash reports of the domain; null takes them away. */
    void symbols(int domid, SymbolSource source);

    // Saving and restoring

    /**
     * Captures a running or paused domain with all its vCPUs between two instructions. The domain goes on when {@code whileStopped}
     * returns, which meanwhile reads the frames' contents and whatever else belongs to the domain; it must not call anything that waits
     * for the machine. In virtual time nothing of the run changes by it.
     *
     * @throws HypervisorException when the domain is in no state to be captured: it ended, or shares frames or ports with another guest
     */
    default void capture(int domid, java.util.function.Consumer<DomainImage> whileStopped) {
        throw new HypervisorException(xen.kernel.api.hypercall.Errno.ENOSYS, "no snapshots here");
    }

    /**
     * Begins to make a domain of an image: with its old number and at its old frames when both are free, else with others. In virtual
     * time on a machine that has done nothing yet and equals the old one, the machine takes over the image's time and goes on exactly there.
     *
     * @throws HypervisorException when there is no room, or the frames are in use and the image is not {@link DomainImage#settled}
     */
    default RestoringDomain restore(DomainConfig config, DomainImage image) {
        throw new HypervisorException(xen.kernel.api.hypercall.Errno.ENOSYS, "no snapshots here");
    }

    /**
     * Calls {@code action} once between two instructions when the domain's vCPUs have retired {@code instructions} in all (in real time
     * with several vCPUs: soon after). In virtual time the run is not changed by it. A later call replaces an earlier one; null takes it away.
     */
    default void stopAt(int domid, long instructions, Runnable action) {
        throw new HypervisorException(xen.kernel.api.hypercall.Errno.ENOSYS, "no snapshots here");
    }

    // What a tool of domain 0 leaves to its successor

    /**
     * Keeps what a tool that stops under running domains knew of them, until its successor claims it or the machine goes off. An earlier
     * state of that name is replaced; nothing happens when the machine is off.
     *
     * @param state in the tool's own form, which begins with a version
     */
    default void keep(String tool, byte[] state) {}

    /** Takes what was kept under the name; empty when nothing was, or when the machine is off. */
    default Optional<byte[]> claim(String tool) { return Optional.empty(); }

    // Parameters that survive every swap

    void setWeight(int domid, int weight, int cap);

    void setAffinity(Vcpu vcpu, java.util.BitSet pcpus);

    /** Puts the vCPU into a gang, a number above 0 of the caller's choice that may span domains; 0 takes it out. Kept across every swap. */
    default void setGang(Vcpu vcpu, int gang) { throw new HypervisorException(xen.kernel.api.hypercall.Errno.ENOSYS, "no gangs here"); }

    // Scheduler selection (swap)

    /** Name of the scheduler in charge of pool 0; "bypass" is the core's own. */
    String scheduler();

    /** CPU pools, and the scheduler of each. */
    default CpuPools cpuPools() { throw new HypervisorException(xen.kernel.api.hypercall.Errno.ENOSYS, "no CPU pools here"); }

    /** Swaps pool 0 to the named scheduler service while guests run. */
    SwapReport selectScheduler(String name);

    /** What the core and the scheduler in charge counted, by name: "core.switches", "core.migrations.remote", "rr.steals.sibling", ... */
    default java.util.Map<String, Long> schedulerFigures() { return java.util.Map.of(); }

    /** Name of the CPU engine at work; {@code interp} is the machine's own interpreter. */
    default String engine() { return "interp"; }

    /** Swaps the CPU engine under the running guests: a name, or {@code auto}; kept over a change of machine. EINVAL if there is none. */
    default SwapReport selectEngine(String name) { throw new HypervisorException(xen.kernel.api.hypercall.Errno.ENOSYS, "no engines here"); }

    /** Puts the named {@code xen.machine} service in charge under the running guests, which go on between two instructions. ENOENT if there is none. */
    default SwapReport selectMachine(String name) { throw new HypervisorException(xen.kernel.api.hypercall.Errno.ENOSYS, "no other machines here"); }

    // Event channels and grants for domain 0's drivers

    /** A port in {@code domid} that domain 0 may bind to (EVTCHNOP_alloc_unbound by domain 0). */
    int allocUnbound(int domid);

    /**
     * Binds to a guest's unbound port.
     *
     * @param onEvent runs on the timeline (never inside the guest's send) when the guest notifies; several notifications may be merged
     */
    EventPort bindInterdomain(int domid, int remotePort, Runnable onEvent);

    /** Maps the page behind a grant reference that {@code domid} gave to domain 0. */
    GrantMapping mapGrant(int domid, int ref, boolean readOnly);

    /** The driver domain of that name; made when there is none yet. Grants and ports of front ends are checked against its id. */
    default DriverDomain driverDomain(String name) { throw new HypervisorException(xen.kernel.api.hypercall.Errno.ENOSYS, "no driver domains here"); }

    /** All driver domains of this power-on, by id. */
    default List<DriverDomain> driverDomains() { return List.of(); }

    /** Sets up a grant entry for domain 0 in the domain's table before it starts (as the tool stack does for console and xenstore). */
    void seedGrant(int domid, int ref, long mfn);

    // Observation

    /** Text that guests wrote with console_io, and the core's own log, newest last. */
    String dmesg();

    /** How long the core's lock was held and waited for since power-on; empty in virtual time, where nobody waits. */
    default Optional<LockReport> lockReport() { return Optional.empty(); }

    /** Observer of exits, hypercalls and (when it wants them) blocks for a debugging run; null switches off. */
    void trace(TraceSink sink);

    /** Runs {@code action} with the whole machine stopped between two instructions and waits for it (for inspection and swaps). */
    void quiesced(Runnable action);

    /** Reads guest virtual memory as the vCPU's current mode sees it; empty where it is not mapped. For debuggers. */
    Optional<byte[]> peek(Vcpu vcpu, long va, int bytes);
}
