package xen.hw.x86smp.oracle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The silicon server itself: one case for each way a program can end. */
class NativeCpuTest {
    private static NativeCpu cpu;
    private final CpuState in = new CpuState();
    private final byte[] data = new byte[Sandbox.DATA_SIZE];

    @BeforeAll
    static void open() throws IOException {
        String why = NativeCpu.unavailable();
        assumeTrue(why == null, "skipped: " + why);
        cpu = NativeCpu.open();
    }

    @AfterAll
    static void close() {
        if (cpu != null) {
            cpu.close();
        }
    }

    NativeCpuTest() {
        in.rip = Sandbox.CODE;
        in.gpr[CpuState.RSP] = Sandbox.DATA + 0x1000;
    }

    private Outcome run(String hex) throws IOException {
        return cpu.run(new CpuCase(HexFormat.of().parseHex(hex.replace(" ", "")), false, in, data));
    }

    @Test
    void additionGivesResultAndFlags() throws IOException {
        in.gpr[0] = Long.MAX_VALUE;
        in.gpr[15] = 1;
        Outcome o = run("4C 01 F8"); // add rax, r15
        assertEquals(Outcome.EXIT, o.vector);
        assertEquals(Long.MIN_VALUE, o.state.gpr[0]);
        assertEquals(CpuState.OF | CpuState.SF | CpuState.AF | CpuState.PF, o.state.rflags & CpuState.STATUS);
    }

    @Test
    void allRegistersPassThroughUnchanged() throws IOException {
        for (int i = 0; i < 16; i++) {
            in.gpr[i] = 0x0101_0101_0101_0101L * (i + 1);
            in.xmm(i, i, ~i);
        }
        in.rflags = CpuState.IF | 2 | CpuState.STATUS | CpuState.DF;
        Outcome o = run("90");
        assertArrayEquals(in.gpr, o.state.gpr);
        assertEquals(in.rflags, o.state.rflags);
        assertArrayEquals(Arrays.copyOfRange(in.fx, 160, 416), Arrays.copyOfRange(o.state.fx, 160, 416));
    }

    @Test
    void divisionByZeroIsVectorZeroAtTheInstruction() throws IOException {
        Outcome o = run("90 48 F7 F1"); // nop; div rcx
        assertEquals(0, o.vector);
        assertEquals(Sandbox.CODE + 1, o.state.rip);
    }

    @Test
    void undefinedOpcodeBreakpointAndPrivilegedInstructionHaveTheirVectors() throws IOException {
        assertEquals(6, run("0F 0B").vector);
        assertEquals(3, run("CC").vector);
        Outcome hlt = run("F4");
        assertEquals(13, hlt.vector);
        assertEquals(0, hlt.error);
        assertEquals(0x102, run("CD 20").error); // int 20h
    }

    @Test
    void pageFaultsReportAddressAndErrorCode() throws IOException {
        in.gpr[0] = Sandbox.DATA - 8;
        Outcome read = run("48 8B 08");
        assertEquals("#PF error 4 at 1000fff8, rip 10000000", read.describe());
        Outcome write = run("48 89 08");
        assertEquals("#PF error 6 at 1000fff8, rip 10000000", write.describe());
        in.gpr[0] = Sandbox.READ_ONLY + 16;
        assertEquals("#PF error 7 at 10020010, rip 10000000", run("48 89 08").describe());
        in.gpr[0] = Sandbox.DATA;
        assertEquals("#PF error 15 at 10010000, rip 10010000", run("FF E0").describe());
        in.gpr[0] = 0x8000_0000_0000_0000L;
        assertEquals("#GP error 0, rip 10000000", run("48 8B 08").describe());
    }

    @Test
    void storesBeforeAFaultAreSeen() throws IOException {
        in.gpr[0] = Sandbox.DATA;
        in.gpr[1] = 0x1234;
        Outcome o = run("48 89 08 0F 0B");
        assertEquals(0x34, o.data[0]);
        assertEquals(0x12, o.data[1]);
        assertEquals(0, data[0]);
    }

    @Test
    void vectorAndFloatingPointStateIsExact() throws IOException {
        in.xmm(1, 0x3FF0_0000_0000_0000L, 7);
        Outcome o = run("F2 0F 58 C9 D9 EB D9 EE"); // addsd xmm1,xmm1; fldpi; fldz
        assertEquals(0x4000_0000_0000_0000L, o.state.xmm(1, 0));
        assertEquals(7, o.state.xmm(1, 1));
        assertEquals("00000000000000000000", HexFormat.of().formatHex(o.state.st(0)));
        assertEquals("35c26821a2da0fc90040", HexFormat.of().formatHex(o.state.st(1)));
        assertEquals(0xC0, o.state.fx[CpuState.FTW] & 0xFF);
    }

    @Test
    void unmaskedFloatingPointErrorsAreSixteenAndNineteen() throws IOException {
        in.put16(CpuState.FCW, 0x37B);
        assertEquals(16, run("D9 E8 D9 EE DE F9 9B").vector); // fld1; fldz; fdivp; fwait
        in.put32(CpuState.MXCSR, 0x1D80);
        in.xmm(0, 0x3FF0_0000_0000_0000L, 0);
        assertEquals(19, run("F2 0F 5E C1").vector); // divsd xmm0, xmm1
    }

    @Test
    void systemCallsAreStoppedAndLoopsEnd() throws IOException {
        assertEquals(Outcome.SYSCALL, run("0F 05").vector);
        assertEquals(Outcome.SYSCALL, run("CD 80").vector);
        assertEquals(Outcome.TIMEOUT, run("EB FE").vector);
        assertEquals(Outcome.EXIT, run("90").vector);
    }

    @Test
    void segmentBasesPointIntoTheData() throws IOException {
        data[(int) (Sandbox.FS_BASE - Sandbox.DATA) + 8] = 0x55;
        data[(int) (Sandbox.GS_BASE - Sandbox.DATA) + 8] = 0x66;
        Outcome o = run("64 48 8B 04 25 08 00 00 00 65 48 8B 1C 25 08 00 00 00");
        assertEquals(0x55, o.state.gpr[CpuState.RAX]);
        assertEquals(0x66, o.state.gpr[CpuState.RBX]);
    }

    @Test
    void compatibilityModeRunsAndComesBack() throws IOException {
        in.gpr[0] = 1;
        Outcome o = cpu.run(new CpuCase(HexFormat.of().parseHex("40A300000110"), true, in, data)); // inc eax; mov [], eax
        assertEquals(Outcome.EXIT, o.vector);
        assertEquals(2, o.data[0]);
        assertEquals(2, (int) o.state.gpr[0]);
    }

    @Test
    void codeAtTheEndOfThePageFaultsOnTheNextPage() throws IOException {
        in.rip = Sandbox.CODE + Sandbox.CODE_SIZE - 2;
        assertEquals("#PF error 14 at 10001000, rip 10000ffe", run("48 B8").describe());
    }
}
