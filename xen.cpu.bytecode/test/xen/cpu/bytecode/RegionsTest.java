package xen.cpu.bytecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import xen.hw.x86smp.X86Smp;
import xen.hw.x86smp.engine.Engine;
import xen.hw.x86smp.engine.Translator;
import xen.hw.x86smp.oracle.EagerEngine;
import xen.kernel.api.hw.Cpu;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;

/** Regions at work on a board: two CPUs on two threads, and what is left of a region when it is dropped. */
class RegionsTest {
    private static final long CODE = 0x40_0000, DATA = 0x50_0000, RIGHTS = 0x67, LARGE = 0x80;
    private static final int ROUNDS = 100_000;
    /** {@code again: lock inc [rdi]; 1 added to [rdi+8] by LOCK XADD and to [rdi+16] by LOCK CMPXCHG until it works; dec ecx; jnz again; syscall}. */
    private static final String COUNT = "f048ff07 b801000000 f0480fc14708 488b4710 488d5001 f0480fb15710 75f0 ffc9 75dd 0f05";

    /** The bytecode engine, and its translator. */
    private static final class Watched implements Engine {
        private final Engine engine = new BytecodeEngine();
        private BytecodeTranslator translator;

        @Override public String name() { return engine.name(); }

        @Override public Translator attach() throws UnavailableException {
            translator = (BytecodeTranslator) engine.attach();
            return translator;
        }
    }

    private final MachineMemory memory = new MachineMemory(8 << 20);
    private final VcpuContext[] vcpus = {new VcpuContext(), new VcpuContext()};
    private final Watched engine = new Watched();
    private final Machine.Board board;

    RegionsTest() {
        Raw.zero(memory.base, memory.bytes());
        Raw.put64(memory.address(1), 2 << 12 | RIGHTS);
        Raw.put64(memory.address(2), 3 << 12 | RIGHTS);
        for (long i = 0; i < 4; i++) {
            Raw.put64(memory.address(3) + 8 * i, i << 21 | LARGE | RIGHTS);
        }
        byte[] code = HexFormat.of().parseHex(COUNT.replace(" ", ""));
        Raw.put(memory.base + CODE, code, 0, code.length);
        X86Smp machine = new X86Smp();
        machine.add(new EagerEngine(engine));
        board = machine.attach(memory, new Topology(1, 2, 1), new CpuCallbacks() {
            @Override public long tsc(VcpuContext vcpu, long retiredInRun) { return retiredInRun; }

            @Override public long descriptor(VcpuContext vcpu, int selector) { return 0; }

            @Override public void quiesced(Runnable action) { action.run(); }

            @Override public boolean concurrent() { return true; }
        });
        board.engine("bytecode");
    }

    @AfterEach
    void close() {
        board.close();
        for (VcpuContext v : vcpus) {
            v.close();
        }
        memory.close();
    }

    private int run(int cpu, int rounds) {
        VcpuContext v = vcpus[cpu];
        Cpu c = board.cpu(cpu);
        v.put64(VcpuContext.KERNEL_ROOT, 1);
        v.gpr(VcpuContext.RDI, DATA);
        v.gpr(VcpuContext.RCX, rounds);
        v.rip(CODE);
        c.rootChanged(v);
        int exit;
        do {
            exit = c.run(v, 50_000);
        } while (exit == Exit.BUDGET);
        return exit;
    }

    @Test
    void lockedInstructionsOfTwoCpusLoseNothing() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<Integer> a = threads.submit(at(both, 0)), b = threads.submit(at(both, 1));
            assertEquals(Exit.SYSCALL, a.get(60, TimeUnit.SECONDS));
            assertEquals(Exit.SYSCALL, b.get(60, TimeUnit.SECONDS));
        }
        for (int n = 0; n < 3; n++) {
            assertEquals(2 * ROUNDS, Raw.get64(memory.base + DATA + 8 * n), "counter " + n);
        }
        assertTrue(engine.translator.codeBytes() > 0, "regions were made");
    }

    private Callable<Integer> at(CountDownLatch both, int cpu) {
        return () -> {
            both.countDown();
            both.await();
            return run(cpu, ROUNDS);
        };
    }

    /** Puts code where {@link #CODE} is and further on. */
    private void code(int offset, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        Raw.put(memory.base + CODE + offset, bytes, 0, bytes.length);
        board.cpu(0).contentChanged((int) (CODE + offset >> 12));
    }

    @Test
    void aLoopOverTwoPagesSeesChangesOfEither() {
        // inc rax; jmp to the next page: dec ecx; jnz back; syscall
        code(0, "48ffc0 e9f80f0000");
        code(4096, "ffc9 0f85f8efffff 0f05");
        for (int again = 0; again < 2; again++) {
            vcpus[0].gpr(VcpuContext.RAX, 0);
            assertEquals(Exit.SYSCALL, run(0, 1000));
            assertEquals(1000, vcpus[0].gpr(VcpuContext.RAX));
        }
        // inc rax twice; then the other page: inc rax; dec ecx; jnz back; syscall
        code(0, "48ffc0 48ffc0 e9f50f0000");
        vcpus[0].gpr(VcpuContext.RAX, 0);
        run(0, 1000);
        assertEquals(2000, vcpus[0].gpr(VcpuContext.RAX));
        code(4096, "48ffc0 ffc9 0f85f5efffff 0f05");
        vcpus[0].gpr(VcpuContext.RAX, 0);
        run(0, 1000);
        assertEquals(3000, vcpus[0].gpr(VcpuContext.RAX));
    }

    @Test
    void regionsGoOnBehindAnInstructionOfTierZero() {
        // mov edx, ecx; mov rsi, rdi; again: mov ecx, 5; rep stosb; inc rax; add rbx, 2; stc; std; cld; adc rbx, 0; dec edx; jnz again; syscall
        code(0, "89ca 4889fe b905000000 f3aa 48ffc0 4883c302 f9 fd fc 4883d300 ffca 75e7 0f05");
        for (int again = 0; again < 2; again++) {
            vcpus[0].gpr(VcpuContext.RAX, 0);
            vcpus[0].gpr(VcpuContext.RBX, 0);
            assertEquals(Exit.SYSCALL, run(0, 100));
            assertEquals(100, vcpus[0].gpr(VcpuContext.RAX));
            assertEquals(300, vcpus[0].gpr(VcpuContext.RBX), "the carry outlives STD and CLD");
            assertEquals(DATA + 500, vcpus[0].gpr(VcpuContext.RDI));
            assertEquals(0, Raw.get8(memory.base + DATA), "the first byte is AL of the first round");
            assertEquals(99, Raw.get8(memory.base + DATA + 499));
        }
    }

    @Test
    void classesOfDroppedRegionsUnload() throws InterruptedException {
        assertEquals(Exit.SYSCALL, run(0, 10));
        var region = new WeakReference<>(engine.translator.region(1).getClass());
        assertNotNull(region.get(), "the region is there");
        board.engine("interp");
        for (long end = System.nanoTime() + 20_000_000_000L; region.get() != null && System.nanoTime() < end; ) {
            System.gc();
            Thread.onSpinWait();
        }
        assertNull(region.get(), "its class is not");
        assertEquals(Exit.SYSCALL, run(0, 10));
    }
}
