package xen.kernel.api.hypercall;

/**
 * The calling vCPU's virtual memory. Every access is checked against the guest's page tables and against the hypervisor's own address
 * range; a bad address gives {@link GuestFault}, which the core turns into -EFAULT.
 */
public interface GuestMemory {
    int get8(long va);
    int get16(long va);
    int get32(long va);
    long get64(long va);
    void put8(long va, int v);
    void put16(long va, int v);
    void put32(long va, int v);
    void put64(long va, long v);

    /** Guest to host memory at absolute address {@code host}. */
    void copyIn(long va, long host, int bytes);

    /** Host memory to guest. Nothing is written unless the whole range is writable. */
    void copyOut(long host, long va, int bytes);

    byte[] read(long va, int bytes);

    void write(long va, byte[] data);

    /** Preallocated, stackless. */
    final class GuestFault extends RuntimeException {
        public static final GuestFault INSTANCE = new GuestFault();

        private GuestFault() { super("guest address not accessible", null, false, false); }
    }
}
