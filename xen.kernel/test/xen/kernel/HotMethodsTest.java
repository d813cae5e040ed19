package xen.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import xen.kernel.core.Core;
import xen.kernel.testing.HotMethods;

/** The way of a system call, a fault or an event through the core: its parts can be inlined. */
class HotMethodsTest {
    private static final String HOT = """
            GuestRun: handle
            ExitHandler: handle enter
            MachineClock: tsc nanos cycles
            """;

    @Test void hotCalleesCanBeInlined() { assertEquals(List.of(), new HotMethods(Core.class).notInlined(HOT)); }

    @Test void everyMethodCanBeCompiled() { assertEquals(List.of(), new HotMethods(Core.class).neverCompiled()); }
}
