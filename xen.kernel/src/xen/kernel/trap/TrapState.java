package xen.kernel.trap;

import java.util.Arrays;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.Counters.Counter;
import xen.kernel.core.VcpuImpl;
import xen.kernel.hypercall.HypercallFrame;
import xen.kernel.hypercall.HypercallTable;
import xen.kernel.save.StateReader;
import xen.kernel.save.StateWriter;

/**
 * What the guest told the core about this vCPU's traps: trap table, callbacks, kernel stack, virtual control registers. Changed by
 * hypercalls of the vCPU itself or before it comes up, under the core's lock; never while the vCPU is in the guest.
 */
public final class TrapState {
    public static final int VECTORS = 256;
    /** Bits 0-1 of a trap's flags: the least privilege that may raise it by INT n; bit 2: entry masks events. */
    public static final int TI_DPL = 3, TI_MASKS = 4;

    private final VcpuImpl vcpu;
    /** Trap table: handler address (0 = none), code selector, flags. */
    final long[] handler = new long[VECTORS];
    final int[] handlerCs = new int[VECTORS];
    final int[] handlerFlags = new int[VECTORS];
    /** Entry points; 0 = none. */
    long eventCallback, failsafeCallback, syscallCallback, syscall32Callback, sysenterCallback;
    boolean failsafeMasks, syscallMasks, syscall32Masks, sysenterMasks;
    /** Kernel stack for entries from user mode (stack_switch). */
    long kernelSp;
    int kernelSs;
    /** The guest's own choice of CR4 bits. */
    long cr4;
    /** I/O breakpoints of DR7, which only the emulation sees. */
    long dr7Emulated;
    /** I/O privilege level of the guest (PHYSDEVOP_set_iopl), 0 to 3. */
    int iopl;
    /** I/O permission bitmap of the guest's user mode: guest kernel address and number of ports. */
    long ioBitmap;
    int ioPorts;
    /** An NMI waits; and one is being handled, until the next iret. */
    volatile boolean nmiPending;
    boolean nmiInService;
    /** True once the builder or VCPUOP_initialise gave it a start state. */
    boolean initialised;
    /** Frames reused for every hypercall and every multicall entry. */
    public final HypercallFrame call, multicall;
    private final Counter[] callCounts = new Counter[HypercallTable.SIZE];
    private final Counter[] trapCounts = new Counter[32];
    private final Counter[] exitCounts = new Counter[Exit.NAMES.length];
    final Counter upcalls;

    public TrapState(VcpuImpl vcpu) {
        this.vcpu = vcpu;
        call = new HypercallFrame(vcpu);
        multicall = new HypercallFrame(vcpu);
        Arrays.setAll(exitCounts, i -> vcpu.domain.counters.of("exit." + Exit.NAMES[i]));
        upcalls = vcpu.domain.counters.of("upcalls");
        VcpuContext c = vcpu.context;
        c.put64(VcpuContext.DR + 4 * 8, DebugRegisters.DR6_DEFAULT);
        c.put64(VcpuContext.DR + 5 * 8, DebugRegisters.DR7_DEFAULT);
    }

    /** Guest kernel to guest user or back: root and TLB tag follow MODE, GS bases are swapped; nothing is flushed. */
    public void toggleMode() {
        long b = vcpu.context.base;
        Raw.put32(b + VcpuContext.MODE, Raw.get32(b + VcpuContext.MODE) ^ 1);
        long gs = Raw.get64(b + VcpuContext.GS_BASE);
        Raw.put64(b + VcpuContext.GS_BASE, Raw.get64(b + VcpuContext.GS_BASE_OTHER));
        Raw.put64(b + VcpuContext.GS_BASE_OTHER, gs);
    }

    public boolean initialised() { return initialised; }

    public void iopl(int value) { iopl = value; }

    /** PHYSDEVOP_set_iobitmap. */
    public void ioBitmap(long va, int ports) {
        ioBitmap = va;
        ioPorts = ports;
    }

    /** Which CPU translates for the frames from now on. */
    void bind(Cpu cpu) {
        call.bind(cpu);
        multicall.bind(cpu);
    }

    void clearTable() {
        Arrays.fill(handler, 0);
        Arrays.fill(handlerCs, 0);
        Arrays.fill(handlerFlags, 0);
    }

    void countExit(int exit) { exitCounts[exit].value++; }

    void countFailsafe() { vcpu.domain.counters.add("failsafe"); }

    void countTrap(int vector) {
        Counter c = trapCounts[vector & 31];
        if (c == null) {
            c = trapCounts[vector & 31] = vcpu.domain.counters.of("trap." + (vector & 31));
        }
        c.value++;
    }

    /** Counts one call; {@code number} is any value of RAX. Unknown numbers are counted by number as far as the table goes. */
    public void countCall(HypercallTable table, long number) {
        if (number < 0 || number >= HypercallTable.SIZE) {
            vcpu.domain.counters.add("hypercall.unknown.other");
            return;
        }
        int n = (int) number;
        Counter c = callCounts[n];
        if (c == null) {
            String name = "hypercall." + table.name(n);
            c = vcpu.domain.counters.of(name);
            if (table.own(n)) {
                callCounts[n] = c;
            }
        }
        c.value++;
    }

    // Saving

    public void capture(StateWriter w) {
        w.part("traps").flag(initialised);
        for (int i = 0; i < VECTORS; i++) {
            w.i64(handler[i]).i32(handlerCs[i] | handlerFlags[i] << 16);
        }
        w.i64(eventCallback).i64(failsafeCallback).i64(syscallCallback).i64(syscall32Callback).i64(sysenterCallback);
        w.flag(failsafeMasks).flag(syscallMasks).flag(syscall32Masks).flag(sysenterMasks);
        w.i64(kernelSp).i32(kernelSs).i64(cr4).i64(dr7Emulated).i32(iopl).i64(ioBitmap).i32(ioPorts).flag(nmiPending).flag(nmiInService);
    }

    /** Of a vCPU that never ran. */
    public void restore(StateReader r) {
        r.part("traps");
        initialised = r.flag();
        for (int i = 0; i < VECTORS; i++) {
            handler[i] = r.canonical("handler of vector " + i);
            int bits = r.i32("selector of vector " + i, 0, 0xff_ffff);
            handlerCs[i] = bits & 0xffff;
            handlerFlags[i] = bits >>> 16;
        }
        eventCallback = r.canonical("event callback");
        failsafeCallback = r.canonical("failsafe callback");
        syscallCallback = r.canonical("syscall callback");
        syscall32Callback = r.canonical("32-bit syscall callback");
        sysenterCallback = r.canonical("sysenter callback");
        failsafeMasks = r.flag();
        syscallMasks = r.flag();
        syscall32Masks = r.flag();
        sysenterMasks = r.flag();
        kernelSp = r.i64();
        kernelSs = r.i32("kernel stack selector", 0, 0xffff);
        PrivilegedOps.writeCr4(vcpu, r.i64());
        long control = vcpu.context.get64(VcpuContext.DR + 5 * 8) | r.i64() & 0xff;
        for (int i = 0; i < 8; i++) {
            if (i != 4 && i != 5 && DebugRegisters.set(vcpu, i, i == 7 ? control : vcpu.context.get64(VcpuContext.DR + 8 * (i < 4 ? i : 4))) != 0) {
                throw r.refused("DR" + i + " has bits that no guest can set");
            }
        }
        iopl = r.i32("iopl", 0, 3);
        ioBitmap = r.i64();
        ioPorts = r.i32("I/O ports", 0, 65536);
        nmiPending = r.flag();
        nmiInService = r.flag();
    }
}
