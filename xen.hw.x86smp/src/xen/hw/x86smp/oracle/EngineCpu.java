package xen.hw.x86smp.oracle;

import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.SoloDriver;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;

/**
 * Runs cases in a hardware model, seen only through its SPI, so that any engine can be tested.
 *
 * <p>Builds real page tables for the {@link Sandbox}; the two data pages are frames that are not
 * neighbours. Exits are turned into what Linux shows on silicon: a privileged instruction is
 * #GP(0). Used by one thread.
 */
final class EngineCpu implements AutoCloseable {
    private static final int L4 = 1, L3 = 2, L2 = 3, L1 = 4, CODE = 5, DATA_0 = 7, DATA_1 = 9, READ_ONLY = 10, FRAMES = 16;
    /** Page table flags: present, writable, user, accessed, dirty; and no-execute. */
    private static final long P = 1, RW = 2, US = 4, AD = 0x60, NX = Long.MIN_VALUE;
    /** More than any case that ends needs, REP iterations included. */
    static final long BUDGET = 40_000;
    private static final int DATA_SELECTOR = 0x2B;
    /** Attributes of flat ring 3 segments, bits 8-23 of a descriptor's high half. */
    private static final int CODE_32 = 0xC0FB, DATA_32 = 0xC0F3;

    private final MachineMemory memory = new MachineMemory(FRAMES * 4096L);
    private final VcpuContext context = new VcpuContext();
    private final SoloDriver driver = new SoloDriver();
    private final Machine.Board board;
    private final Cpu cpu;
    private final int warmUp;

    /** The machine's own interpreter. */
    public EngineCpu(Machine machine) {
        this(machine, null, 0);
    }

    /**
     * @param engine name, or null for the machine's own
     * @param warmUp how often a case is run in front of the run that counts, so that the engine has translated it
     */
    public EngineCpu(Machine machine, String engine, int warmUp) {
        this.warmUp = warmUp;
        mapSandbox();
        board = machine.attach(memory, new Topology(1, 1, 1), driver);
        cpu = board.cpu(0);
        context.put64(VcpuContext.XCR0, HostCpu.AVX ? 7 : 3);
        context.put64(VcpuContext.KERNEL_ROOT, L4);
        context.put64(VcpuContext.USER_ROOT, L4);
        context.put32(VcpuContext.MODE, 1);
        context.put64(VcpuContext.FS_BASE, Sandbox.FS_BASE);
        context.put64(VcpuContext.GS_BASE, Sandbox.GS_BASE);
        cpu.rootChanged(context);
        if (engine != null) {
            board.engine(engine);
        }
    }

    private void mapSandbox() {
        entry(L4, 0, L3, P | RW | US | AD);
        entry(L3, 0, L2, P | RW | US | AD);
        entry(L2, (int) (Sandbox.CODE >> 21), L1, P | RW | US | AD);
        page(Sandbox.CODE, CODE, P | US | AD);
        page(Sandbox.DATA, DATA_0, P | RW | US | AD | NX);
        page(Sandbox.DATA + 4096, DATA_1, P | RW | US | AD | NX);
        page(Sandbox.READ_ONLY, READ_ONLY, P | US | AD | NX);
        Raw.fill(memory.address(CODE), 4096, 0xCC);
    }

    private void page(long va, int frame, long flags) {
        entry(L1, (int) (va >> 12) & 511, frame, flags);
    }

    private void entry(int table, int index, int frame, long flags) {
        Raw.put64(memory.address(table) + 8L * index, (long) frame << 12 | flags);
    }

    /** Runs one case and fills its outcome. */
    public void run(CpuCase c, Outcome o) {
        run(c, o, BUDGET);
    }

    /**
     * The same in slices of {@code slice} instructions, which must make no difference.
     *
     * @return instructions retired
     */
    public long run(CpuCase c, Outcome o, long slice) {
        place(c);
        for (int i = 0; i < warmUp; i++) {
            load(c);
            driver.run(cpu, context, BUDGET);
        }
        load(c);
        long before = context.retired();
        int exit;
        do {
            exit = driver.run(cpu, context, slice);
        } while (exit == Exit.BUDGET && context.retired() - before < BUDGET);
        classify(exit, o);
        store(o.state);
        o.state.rip = o.vector == Outcome.EXIT ? 0 : context.rip();
        Raw.get(memory.address(DATA_0), o.data, 0, 4096);
        Raw.get(memory.address(DATA_1), o.data, 4096, 4096);
        clearWindow(c);
        return context.retired() - before;
    }

    private void place(CpuCase c) {
        cpu.contentChanged(CODE);
        Raw.put(memory.address(CODE) + (c.windowAddress() - Sandbox.CODE), c.window(), 0, Sandbox.WINDOW_SIZE);
    }

    private void load(CpuCase c) {
        Raw.put(memory.address(DATA_0), c.data(), 0, 4096);
        Raw.put(memory.address(DATA_1), c.data(), 4096, 4096);
        CpuState s = c.start();
        for (int r = 0; r < 16; r++) {
            context.gpr(r, s.gpr[r]);
        }
        context.rip(s.rip);
        context.flags(s.rflags);
        segments(c.compat());
        FxImage.load(s.fx, context);
    }

    private void segments(boolean compat) {
        context.put32(VcpuContext.LONG_MODE, compat ? 0 : 1);
        for (int seg = 0; seg < 6; seg++) {
            boolean code = seg == VcpuContext.CS;
            int selector = code ? compat ? Sandbox.CS_32 : Sandbox.CS_64
                    : seg == VcpuContext.FS || seg == VcpuContext.GS ? 0 : DATA_SELECTOR;
            context.selector(seg, selector);
            int cache = VcpuContext.SEGMENTS + 16 * seg;
            context.put32(cache, 0);
            context.put32(cache + 4, selector == 0 ? 0 : -1);
            context.put32(cache + 8, selector == 0 ? 0 : code ? CODE_32 : DATA_32);
        }
    }

    private void clearWindow(CpuCase c) {
        Raw.fill(memory.address(CODE) + (c.windowAddress() - Sandbox.CODE), Sandbox.WINDOW_SIZE, 0xCC);
    }

    private void classify(int exit, Outcome o) {
        o.error = 0;
        o.cr2 = 0;
        switch (exit) {
            case Exit.EXCEPTION -> exception(o);
            case Exit.PRIVILEGED -> o.vector = 13;
            case Exit.SYSCALL, Exit.COMPAT_SYSCALL -> o.vector = Outcome.SYSCALL;
            case Exit.SOFTWARE_INTERRUPT -> {
                o.vector = 13;
                o.error = context.get32(VcpuContext.EXIT_VECTOR) << 3 | 2;
            }
            case Exit.BUDGET, Exit.ATTENTION -> o.vector = Outcome.TIMEOUT;
            default -> throw new IllegalStateException("exit " + exit);
        }
    }

    private void exception(Outcome o) {
        o.vector = context.get32(VcpuContext.EXIT_VECTOR);
        o.error = context.get32(VcpuContext.EXIT_ERROR) & 0xFFFF_FFFFL;
        if (o.vector == 14) {
            o.cr2 = context.get64(VcpuContext.EXIT_CR2);
            boolean end = context.rip() == Sandbox.EXIT_64 || context.rip() == Sandbox.EXIT_32;
            if (end && o.cr2 == context.rip()) {
                o.vector = Outcome.EXIT;
                o.error = 0;
                o.cr2 = 0;
            }
        }
    }

    private void store(CpuState s) {
        for (int r = 0; r < 16; r++) {
            s.gpr[r] = context.gpr(r);
        }
        s.rflags = context.flags();
        FxImage.store(context, s.fx);
    }

    @Override
    public void close() {
        driver.quiesced(board::close);
        context.close();
        memory.close();
    }
}
