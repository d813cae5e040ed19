package xen.hw.x86smp.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import xen.hw.x86smp.decode.Insn;

/** Which encodings exist, and how long they are: one of every shape. */
class DecoderAgreesWithSiliconTest {
    private final Listing listing = new Listing();
    private final List<String> wrong = new ArrayList<>();

    @BeforeEach
    void needsSilicon() {
        String why = Agreement.unavailable();
        assumeTrue(why == null, "skipped: " + why);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lengthsAndUndefinedOpcodesAgree(boolean compat) throws IOException {
        List<Shape> shapes = Shape.all(compat);
        CaseGenerator generator = new CaseGenerator(7, compat);
        CaseGenerator.Generated[] made = new CaseGenerator.Generated[NativeCpu.BATCH];
        CpuCase[] cases = new CpuCase[NativeCpu.BATCH];
        Outcome[] outcomes = new Outcome[NativeCpu.BATCH];
        Arrays.setAll(outcomes, i -> new Outcome());
        try (NativeCpu silicon = NativeCpu.open()) {
            for (int at = 0; at < shapes.size(); at += NativeCpu.BATCH) {
                int n = Math.min(NativeCpu.BATCH, shapes.size() - at);
                for (int i = 0; i < n; i++) {
                    made[i] = generator.single(shapes.get(at + i));
                    cases[i] = made[i].test();
                }
                silicon.run(cases, outcomes, n);
                for (int i = 0; i < n; i++) {
                    check(made[i], outcomes[i]);
                }
            }
        }
        assertEquals(List.of(), wrong.subList(0, Math.min(20, wrong.size())), wrong.size() + " differences");
    }

    private void check(CaseGenerator.Generated g, Outcome o) {
        CpuCase c = g.test();
        int length = g.insns().getFirst().encode(c.start().rip).length;
        if (c.code().length < length) {
            return;
        }
        byte[] window = c.window();
        Insn i = listing.first(Arrays.copyOfRange(window, (int) (c.start().rip - c.windowAddress()), window.length), c.compat());
        boolean defined = i != null && !i.op.name().startsWith("UD");
        if (defined != (o.vector != 6)) {
            wrong.add(HexFormat.of().formatHex(c.code()) + " decoded as " + i + ", silicon: " + o.describe());
        } else if (defined && i.length != length) {
            wrong.add(HexFormat.of().formatHex(c.code()) + " decoded with length " + i.length + ", not " + length + ": " + i);
        }
    }
}
