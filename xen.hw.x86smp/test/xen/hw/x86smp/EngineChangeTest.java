package xen.hw.x86smp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.CpuCallbacks;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Machine;
import xen.kernel.api.hw.MachineMemory;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.SoloDriver;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hw.VcpuContext;

/** An engine's memory goes with the engine: no CPU may be in a run then, whatever the thread on which the engine goes. */
class EngineChangeTest {
    private static final int L4 = 1, L3 = 2, L2 = 3;
    private static final long CODE = 0x40_0000;
    /** MOV ECX, 1000000; L: ADD RAX, RCX; DEC RCX; JNZ L; RDTSC; SYSCALL. */
    private static final int[] LOOP = {0xb9, 0x40, 0x42, 0x0f, 0, 0x48, 1, 0xc8, 0x48, 0xff, 0xc9, 0x75, 0xf8, 0x0f, 0x31, 0x0f, 5};

    private final MachineMemory memory = new MachineMemory(8 << 20);
    private final VcpuContext vcpu = new VcpuContext();
    private final X86Smp machine = new X86Smp();
    private final HollowEngine engine = new HollowEngine();

    @BeforeEach void aLoop() {
        Raw.zero(memory.base, memory.bytes());
        Raw.put64(memory.address(L4), (long) L3 << 12 | 0x67);
        Raw.put64(memory.address(L3), (long) L2 << 12 | 0x67);
        for (long i = 0; i < 4; i++) {
            Raw.put64(memory.address(L2) + 8 * i, i << 21 | 0xe7);
        }
        for (int i = 0; i < LOOP.length; i++) {
            Raw.put8(memory.base + CODE + i, LOOP[i]);
        }
        vcpu.put64(VcpuContext.KERNEL_ROOT, L4);
    }

    @AfterEach void free() {
        vcpu.close();
        memory.close();
    }

    private Machine.Board board(CpuCallbacks driver) { return machine.attach(memory, new Topology(1, 1, 1), driver); }

    @Test void anEngineThatGoesWaitsForTheEndOfARunAndTheGuestNoticesNothing() throws InterruptedException {
        SoloDriver driver = new SoloDriver();
        Machine.Board board = board(driver);
        machine.add(engine);
        board.engine("hollow");
        AtomicInteger rounds = new AtomicInteger();
        Thread swapper = new Thread(() -> {
            while (rounds.get() < 10) {
                machine.remove(engine);
                machine.add(engine);
            }
        });
        swapper.start();
        int changes = engine.attached;
        for (; rounds.get() < 10; rounds.incrementAndGet()) {
            vcpu.rip(CODE);
            vcpu.gpr(VcpuContext.RAX, 0);
            long before = vcpu.retired();
            int exit;
            do {
                exit = driver.run(board.cpu(0), vcpu, 10_000);
            } while (exit == Exit.BUDGET);
            assertEquals(Exit.SYSCALL, exit);
            assertEquals(3_000_003, vcpu.retired() - before);
        }
        swapper.join();
        assertTrue(engine.attached > changes + 10, () -> "only " + engine.attached + " changes of engine");
        driver.quiesced(board::close);
        assertEquals(engine.attached, engine.closed);
    }

    @Test void anEngineIsNotTakenFromACpuInARun() {
        IllegalStateException[] seen = new IllegalStateException[1];
        Machine.Board board = board(new Careless() {
            @Override public long tsc(VcpuContext v, long retiredInRun) {
                seen[0] = assertThrows(IllegalStateException.class, () -> machine.remove(engine));
                return 1;
            }
        });
        machine.add(engine);
        board.engine("hollow");
        vcpu.rip(CODE);
        assertEquals(Exit.SYSCALL, board.cpu(0).run(vcpu, 10_000_000));
        assertEquals("pCPU 0 runs a guest: its engine cannot change now", seen[0].getMessage());
        assertEquals("hollow", board.engine());
        assertEquals(0, engine.closed);
        board.close();
        assertEquals(1, engine.closed);
    }

    @Test void aBoardIsNotClosedUnderACpuInARun() {
        Machine.Board[] board = new Machine.Board[1];
        board[0] = board(new Careless() {
            @Override public long tsc(VcpuContext v, long retiredInRun) {
                assertThrows(IllegalStateException.class, () -> board[0].close());
                return 1;
            }
        });
        vcpu.rip(CODE);
        assertEquals(Exit.SYSCALL, board[0].cpu(0).run(vcpu, 10_000_000));
        board[0].close();
    }

    @Test void anEngineThatComesAfterABoardWasClosedIsNotAttachedToIt() {
        Machine.Board board = board(new Careless());
        board.engine("auto");
        board.close();
        machine.add(engine);
        assertEquals(0, engine.attached);
    }

    /** Says that the CPUs are stopped without stopping them. */
    private static class Careless implements CpuCallbacks {
        @Override public void quiesced(Runnable action) { action.run(); }

        @Override public long tsc(VcpuContext v, long retiredInRun) { return 0; }

        @Override public long descriptor(VcpuContext v, int selector) { return 0; }
    }
}
