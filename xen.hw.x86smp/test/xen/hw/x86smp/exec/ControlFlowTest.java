package xen.hw.x86smp.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.VcpuContext;

class ControlFlowTest {
    private static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3;
    private final Guest g = new Guest();

    @AfterEach void close() { g.close(); }

    /** 100 times: rax += rcx; the loop is fused and linked to itself. */
    private static final String SUM = "31c0 b964000000 4801c8 ffc9 75f9";

    @Test void aLoopCountsItsInstructionsExactly() {
        g.ok(SUM);
        assertEquals(5050, g.reg(RAX));
        assertEquals(2 + 300 + 1, g.vcpu.retired());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 7, 50, 101})
    void anyBudgetIsKeptExactly(long budget) {
        g.poke(Guest.CODE, SUM + "0f05");
        g.vcpu.rip(Guest.CODE);
        long runs = 0;
        int exit;
        do {
            exit = g.cpu.run(g.vcpu, budget);
            runs++;
            assertEquals(exit == Exit.BUDGET ? runs * budget : 303, g.vcpu.retired());
        } while (exit == Exit.BUDGET);
        assertEquals(5050, g.reg(RAX));
    }

    @Test void everyConditionAgreesWithItsFlagsFusedOrNot() {
        long[] values = {0, 1, 2, -1, -2, Long.MAX_VALUE, Long.MIN_VALUE, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL};
        String[] tests = {"4839d8", "39d8", "38d8", "4885d8", "85d8", "84d8", "4829d8", "01d8"};
        for (String t : tests) {
            for (int cc = 0; cc < 16; cc++) {
                String jcc = "7%x02".formatted(cc), set = "0f9%xc2".formatted(cc);
                for (long a : values) {
                    for (long b : values) {
                        g.set(RAX, a).set(RBX, b).set(RDX, 0).set(RCX, 0);
                        // test; jcc +2; mov cl,1 | again with the flags from memory; setcc dl
                        g.ok(t + jcc + "b101 9c 9d" + set);
                        assertEquals(1, (g.reg(RCX) & 1) + (g.reg(RDX) & 1), t + " " + cc + " " + Long.toHexString(a) + " " + Long.toHexString(b));
                    }
                }
            }
        }
    }

    @Test void conditionalMovesBehindCompares() {
        g.set(RAX, 5).set(RBX, -5).set(RCX, 1).set(RDX, 2).ok("4839d8 480f4cca 480f4fd1");
        assertEquals(1, g.reg(RCX));
        assertEquals(1, g.reg(RDX));
    }

    @Test void callsReturn() {
        // call +3; jmp +3; inc eax; ret; syscall
        g.set(RAX, 0).ok("e802000000 eb03 ffc0 c3");
        assertEquals(1, g.reg(RAX));
        assertEquals(Guest.STACK, g.vcpu.gpr(VcpuContext.RSP));
    }

    @Test void aReturnToNowhereFaultsOnTheReturn() {
        g.ok("48b80000000000008000 50");
        assertEquals(Exit.EXCEPTION, g.run("c3"));
        assertEquals(13, g.vector());
        assertEquals(Guest.CODE, g.vcpu.rip());
    }

    @Test void codeThatChangesItselfIsSeenAtOnce() {
        // mov byte [rip], 0x90 makes "inc rax" behind it, in the same block, "nop; inc eax"
        g.set(RAX, -1).ok("c6050000000090 48ffc0 ffc0");
        assertEquals(1, g.reg(RAX));
    }

    @Test void anInstructionMayCrossItsPage() {
        assertEquals(Exit.SYSCALL, g.at(Guest.SMALL + 4096 - 3, "48c7c044332211 0f05", 100));
        assertEquals(0x11223344, g.reg(RAX));
        g.map(Guest.SMALL + 4096, 0);
        g.vcpu.rip(Guest.SMALL + 4096 - 3);
        assertEquals(Exit.EXCEPTION, g.cpu.run(g.vcpu, 10));
        assertEquals(14, g.vector());
        assertEquals(Guest.SMALL + 4096, g.vcpu.get64(VcpuContext.EXIT_CR2));
        assertEquals(Guest.SMALL + 4096 - 3, g.vcpu.rip());
    }

    @Test void singleStepTrapsBehindEachInstruction() {
        g.set(RAX, 0).flags(0x302);
        g.poke(Guest.CODE, "ffc0 ffc0 0f05");
        g.vcpu.rip(Guest.CODE);
        assertEquals(Exit.EXCEPTION, g.cpu.run(g.vcpu, 100));
        assertEquals(1, g.vector());
        assertEquals(Guest.CODE + 2, g.vcpu.rip());
        assertEquals(1, g.reg(RAX));
    }

    @Test void attentionEndsTheRun() {
        g.poke(Guest.CODE, "ebfe");
        g.vcpu.rip(Guest.CODE);
        g.vcpu.attention();
        assertEquals(Exit.ATTENTION, g.cpu.run(g.vcpu, 1000));
    }
}
