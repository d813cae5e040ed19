package xen.kernel.event;

/** Virtual interrupt numbers (VIRQ_* of the ABI). */
public final class Virq {
    public static final int TIMER = 0, DEBUG = 1, CONSOLE = 2, DOM_EXC = 3, TBUF = 4, DEBUGGER = 6, XENOPROF = 7, CON_RING = 8,
            PCPU_STATE = 9, MEM_EVENT = 10, ARGO = 11, ENOMEM = 12, XENPMU = 13;
    public static final int COUNT = 24;

    private Virq() {}

    /** True for those that every vCPU binds for itself; the others belong to the domain and go to vCPU 0 at first. */
    static boolean perVcpu(int virq) { return virq == TIMER || virq == DEBUG || virq == XENOPROF || virq == XENPMU; }
}
