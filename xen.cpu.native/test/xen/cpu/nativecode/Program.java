package xen.cpu.nativecode;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import xen.hw.x86smp.X86Smp;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.Translator;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.SoloDriver;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;

/**
 * Some code in a machine of its own with 4 KiB pages, run by one engine through the SPI. Page {@code p} of the data lies at {@link #DATA} + 4096 p, in frames
 * that are no neighbours: page 3 is read-only, page 4 and page 7 are not there, page 6 is page 0 again.
 */
final class Program implements AutoCloseable {
    static final long CODE = 0x40_0000, DATA = 0x50_0000;
    private static final int L4 = 1, L3 = 2, L2 = 3, L1 = 4, FRAMES = 64;
    static final int CODE_FRAME = 10, SPARE_FRAME = 40;
    private static final int[] DATA_FRAMES = {20, 23, 26, 29, 0, 32, 20, 0};
    private static final long USABLE = 0x67, READ_ONLY = 0x65;

    final MachineMemory memory = new MachineMemory(FRAMES * 4096L);
    final VcpuContext vcpu = new VcpuContext();
    final Machine.Board board;
    private final SoloDriver driver;
    Translator translator;

    /** @param engine null: tier 0 */
    Program(Engine engine, boolean timed) {
        Raw.zero(memory.base, memory.bytes());
        entry(L4, 0, L3, USABLE);
        entry(L3, 0, L2, USABLE);
        entry(L2, (int) (CODE >> 21), L1, USABLE);
        for (int p = 0; p < 4; p++) {
            entry(L1, (int) (CODE >> 12 & 511) + p, CODE_FRAME + p, USABLE);
        }
        for (int p = 0; p < DATA_FRAMES.length; p++) {
            if (DATA_FRAMES[p] != 0) {
                entry(L1, (int) (DATA >> 12 & 511) + p, DATA_FRAMES[p], p == 3 ? READ_ONLY : USABLE);
            }
        }
        X86Smp machine = new X86Smp(1);
        driver = timed ? new SoloDriver() {
            @Override public long tsc(VcpuContext v, long retired) { return 1_000_000 + (retired * (3 << 15) >> 16); }

            @Override public int tscRate() { return 3 << 15; }

            @Override public long lastingSelectors() { return 0x2b_0033L; }

            @Override public long descriptor(VcpuContext v, int selector) { return selector == 0x33 ? LASTING_CODE : selector == 0x2b || selector == 0x43 ? LASTING_STACK : 0; }
        } : new SoloDriver();
        board = machine.attach(memory, new Topology(1, 1, 1), driver);
        if (engine != null) {
            machine.add(new Watched(engine));
            board.engine(engine.name());
        }
        vcpu.put64(VcpuContext.KERNEL_ROOT, L4);
        vcpu.put64(VcpuContext.USER_ROOT, L4);
        board.cpu(0).rootChanged(vcpu);
    }

    private void entry(int table, int index, int frame, long flags) { Raw.put64(memory.address(table) + 8L * index, (long) frame << 12 | flags); }

    /** Another frame behind a code page. */
    void remapCode(int page, int frame) {
        entry(L1, (int) (CODE >> 12 & 511) + page, frame, USABLE);
        board.cpu(0).flushPage(vcpu, CODE + 4096L * page);
    }

    void code(int frame, int offset, String hex) {
        board.cpu(0).contentChanged(frame);
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        Raw.put(memory.address(frame) + offset, b, 0, b.length);
    }

    /** From the start of the code, with data as a pattern and these registers; what came of it. */
    Result run(long rip, long[] registers, long slice) {
        for (int p = 0; p < DATA_FRAMES.length; p++) {
            for (int i = 0; DATA_FRAMES[p] != 0 && i < 4096; i += 8) {
                Raw.put64(memory.address(DATA_FRAMES[p]) + i, 0x9e3779b97f4a7c15L * (4096L * p + i + 1));
            }
        }
        for (int r = 0; r < 16; r++) {
            vcpu.gpr(r, registers[r]);
        }
        vcpu.rip(rip);
        vcpu.flags(0x8d5);
        vcpu.selector(VcpuContext.CS, 0x33);
        vcpu.selector(VcpuContext.SS, 0x2b);
        vcpu.put32(VcpuContext.LONG_MODE, 1);
        Raw.zero(vcpu.base + VcpuContext.SEGMENTS, 6 * 16);
        vcpu.put32(VcpuContext.MXCSR, 0x1f80);
        long before = vcpu.retired();
        int exit;
        do {
            exit = driver.run(board.cpu(0), vcpu, slice);
        } while (exit == Exit.BUDGET && vcpu.retired() - before < 3_000);
        List<Long> values = new ArrayList<>();
        for (int r = 0; r < 16; r++) {
            values.add(vcpu.gpr(r));
        }
        long sum = 0;
        for (int at = VcpuContext.SELECTORS; at < VcpuContext.EXIT_VECTOR; at += 8) {
            sum = sum * 31 + vcpu.get64(at);
        }
        for (int f = CODE_FRAME; f < FRAMES; f++) {
            for (int i = 0; i < 4096; i += 8) {
                sum = sum * 31 + Raw.get64(memory.address(f) + i);
            }
        }
        boolean fault = exit == Exit.EXCEPTION;
        return new Result(Exit.NAMES[exit], fault ? vcpu.get32(VcpuContext.EXIT_VECTOR) : 0, fault ? vcpu.get32(VcpuContext.EXIT_ERROR) : 0,
                fault && vcpu.get32(VcpuContext.EXIT_VECTOR) == 14 ? vcpu.get64(VcpuContext.EXIT_CR2) : 0, vcpu.rip(), vcpu.flags(),
                vcpu.get32(VcpuContext.MXCSR), vcpu.retired() - before, values, sum);
    }

    /** Everything that a guest or the core can see. */
    record Result(String exit, int vector, int error, long cr2, long rip, long flags, int mxcsr, long retired, List<Long> registers, long memory) {
        @Override public String toString() {
            return exit + " vector " + vector + " error " + error + " cr2 " + Long.toHexString(cr2) + " rip " + Long.toHexString(rip) + " flags " + Long.toHexString(flags)
                    + " mxcsr " + Integer.toHexString(mxcsr) + " retired " + retired + " registers " + registers.stream().map(Long::toHexString).toList() + " memory "
                    + Long.toHexString(memory);
        }
    }

    private final class Watched implements Engine {
        private final Engine to;

        Watched(Engine to) { this.to = to; }

        @Override public String name() { return to.name(); }

        @Override public Translator attach() throws UnavailableException { return translator = to.attach(); }
    }

    @Override public void close() {
        driver.quiesced(board::close);
        vcpu.close();
        memory.close();
    }
}
