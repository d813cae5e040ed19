package xen.hw.x86smp.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every x87, MMX and SSE shape once, then at random: special operands, all rounding modes, unmasked exceptions. */
class FloatingPointAgreesWithSiliconTest {
    private static final int RANDOM_CASES = 60_000;

    private static boolean floating(Shape s) {
        int op = s.opcode();
        return switch (s.map()) {
            case RawInsn.ONE -> op >= 0xd8 && op <= 0xdf || op == 0x9b;
            case RawInsn.TWO -> op >= 0x10 && op <= 0x17 || op >= 0x28 && op <= 0x2f || op >= 0x50 && op <= 0x7f
                    || op == 0xae && s.memory() && s.reg() < 4 || op == 0xc2 || op >= 0xc4 && op <= 0xc6 || op >= 0xd0 && op < 0xff;
            case RawInsn.MAP_38 -> op < 0x42 || op >= 0xc8 && op <= 0xdf;
            case RawInsn.MAP_3A -> op >= 8 && op < 0x64 || op == 0xcc || op == 0xdf;
            default -> false;
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyShapeAndManyAtRandom(boolean compat) throws Exception {
        String why = Agreement.unavailable();
        assumeTrue(why == null, "skipped: " + why);
        List<String> found = new ArrayList<>();
        try (Differential d = new Differential(Subject.INTERPRETER, 21, compat, FloatingPointAgreesWithSiliconTest::floating)) {
            d.sweep(1, () -> true, m -> note(m, compat, found));
            long end = d.executed() + RANDOM_CASES;
            d.random(() -> d.executed() < end, m -> note(m, compat, found));
        }
        assertEquals(List.of(), found.stream().limit(5).toList());
    }

    /** Segment limits and rights of compatibility mode are no matter of the floating-point instructions. */
    private static void note(Mismatch m, boolean compat, List<String> found) {
        String lines = m.lines().toString();
        if (!compat || !lines.contains("expected #GP error 0") && !lines.contains("expected #SS error 0")) {
            found.add(m.shape() + " " + lines);
        }
    }
}
