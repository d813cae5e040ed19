package xen.hw.x86smp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Raw;
import xen.kernel.testing.HotMethods;

/** The interpreter's speed stands on what HotSpot inlines: its hot callees stay below the limits. */
class HotMethodsTest {
    /** Called for every guest instruction, block or memory access. */
    private static final String HOT = """
            CodeLookup: find lookup hostExecute decoded
            VcpuRun: retiredInRun takeAttention
            TierOne: heat connect
            GuestAccess: load8 load16 load32 load64 store8 store16 store32 store64 rmw rmwLocked hostRead hostWrite noteWrite
            LazyFlags: flags arithmetic
            FlagRules: set raw zf of change
            Flags: arithmetic carry overflow zero sign test less
            FrameCode: find covers
            CodeCache: find hasCode written
            Tlb: entry fill drop
            Loc: get getU put signed unsigned mask
            Ea: of
            Decoder: decode
            """;

    @Test void hotCalleesCanBeInlined() { assertEquals(List.of(), new HotMethods(X86Smp.class).notInlined(HOT)); }

    @Test void everyMethodCanBeCompiled() {
        assertEquals(List.of(), new HotMethods(X86Smp.class).neverCompiled());
        assertEquals(List.of(), new HotMethods(Raw.class).neverCompiled());
    }

    @Test void rawMemoryIsInlined() {
        assertEquals(List.of(), new HotMethods(Raw.class).notInlined("Raw: get8 get16 get32 getU32 get64 put8 put16 put32 put64 order cas32 cas64 copy"));
    }

    @Test void aListThatNamesWhatIsNotThereIsWrong() {
        assertEquals(List.of("Tlb.nothing: there is no such method: bring the list up to date"), new HotMethods(X86Smp.class).notInlined("Tlb: entry nothing"));
    }
}
