package xen.hw.x86smp.oracle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import xen.hw.x86smp.X86Smp;

/** XSAVE and XRSTOR of x87 and SSE state, with every combination of requested and present components. */
class XsaveAgreesWithSiliconTest {
    private static NativeCpu silicon;
    private static EngineCpu engine;
    private final Values values = new Values(new SplittableRandom(6));
    /** What XCR0 enables. */
    private static final int COMPONENTS = HostCpu.AVX ? 7 : 3;

    private final Outcome got = new Outcome();

    @BeforeAll static void open() throws Exception {
        String why = NativeCpu.unavailable();
        assumeTrue(why == null, "skipped: " + why);
        silicon = NativeCpu.open();
        engine = new EngineCpu(new X86Smp());
    }

    @AfterAll static void close() {
        if (silicon != null) {
            silicon.close();
            engine.close();
        }
    }

    private CpuState state(int components) {
        CpuState s = new CpuState();
        CaseInputs.registers(s, values);
        s.put32(CpuState.MXCSR, s.get32(CpuState.MXCSR) | 0x1f80);
        s.put16(CpuState.FCW, s.get16(CpuState.FCW) | 0x3f);
        s.put16(CpuState.FSW, s.get16(CpuState.FSW) & ~0x8080);
        // whether upper halves of zeros count as in use is the silicon's secret
        s.fx[CpuState.YMM_HIGH0] |= HostCpu.AVX ? 1 : 0;
        s.rip = Sandbox.CODE;
        s.gpr[CpuState.RCX] = Sandbox.DATA;
        s.gpr[CpuState.RAX] = components;
        s.gpr[CpuState.RDX] = 0;
        return s;
    }

    private void same(String code, CpuState s, byte[] data) throws Exception {
        CpuCase c = new CpuCase(HexFormat.of().parseHex(code), false, s, data);
        Outcome expected = silicon.run(c);
        engine.run(c, got);
        assertEquals(expected.describe(), got.describe());
        // last opcode and the pointers are kept by AMD only while an exception is pending; MXCSR_MASK is the CPU's own
        for (Outcome o : new Outcome[] {expected, got}) {
            Arrays.fill(o.data, 6, 24, (byte) 0);
            Arrays.fill(o.data, 28, 32, (byte) 0);
            Arrays.fill(o.state.fx, 6, 24, (byte) 0);
            Arrays.fill(o.state.fx, 28, 32, (byte) 0);
            Arrays.fill(o.state.fx, 416, 512, (byte) 0);
        }
        assertEquals(HexFormat.of().formatHex(expected.data, 0, 1024), HexFormat.of().formatHex(got.data, 0, 1024));
        assertArrayEquals(expected.state.fx, got.state.fx);
    }

    @Test void savedImagesAreTheSame() throws Exception {
        for (int i = 0; i < 128; i++) {
            byte[] data = new byte[Sandbox.DATA_SIZE];
            values.fill(data, 0, 512);
            values.fill(data, 576, 256);
            data[512] = (byte) (i >> 3 & COMPONENTS);
            same("480fae21", state(i & 7), data);
            same("480fae31", state(i & 7), data);
        }
    }

    @Test void restoringMixesImageInitialAndKeptState() throws Exception {
        for (int i = 0; i < 128; i++) {
            byte[] data = new byte[Sandbox.DATA_SIZE];
            values.fill(data, 576, 256);
            System.arraycopy(state(3).fx, 0, data, 0, 512);
            Values.put(data, 24, 0x1fa0, 4);
            data[512] = (byte) (i >> 3 & COMPONENTS);
            same("480fae29", state(i & 7), data);
        }
    }

    @Test void badHeadersAndAddressesAreProtectionFaults() throws Exception {
        for (int at : new int[] {513, 520, 528, 26, 0}) {
            byte[] data = new byte[Sandbox.DATA_SIZE];
            data[at] = (byte) 0x80;
            same("480fae29", state(3), data);
        }
        CpuState s = state(3);
        s.gpr[CpuState.RCX] += 16;
        same("480fae29", s, new byte[Sandbox.DATA_SIZE]);
        same("480fae21", s, new byte[Sandbox.DATA_SIZE]);
    }
}
