package xen.cpu.nativecode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import xen.kernel.testing.HotMethods;

/** A boot emits 100,000 blocks: what is called for each instruction of them can be inlined. */
class HotMethodsTest {
    private static final String HOT = """
            Assembler: b d q rr rm memory rex load store mov alu lea jcc jmp patch
            MemoryAccess: address check register segment
            FlagState: save restore clobber written
            Exits: when walk leave
            Translations: addExit add find same
            NativeTranslator: run exit newExit adopt
            """;

    @Test void hotCalleesCanBeInlined() { assertEquals(List.of(), new HotMethods(NativeEngine.class).notInlined(HOT)); }

    @Test void everyMethodCanBeCompiled() { assertEquals(List.of(), new HotMethods(NativeEngine.class).neverCompiled()); }
}
