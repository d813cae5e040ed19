package xen.hw.x86smp.oracle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every difference from silicon that was ever found and fixed; runs on any host. */
class ReproducersTest {

    @TestFactory
    Stream<DynamicTest> savedReproducersAgree() throws IOException, URISyntaxException {
        Path folder = Path.of(ReproducersTest.class.getResource("reproducers").toURI());
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.filter(f -> f.toString().endsWith(".txt")).sorted().toList();
        }
        return files.stream().map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> replay(Files.readString(f))));
    }

    private static void replay(String text) {
        assertEquals(List.of(), Agreement.replay(Subject.INTERPRETER, text), text);
    }

    @Test
    void textComesBackAsTheSameCase() {
        CpuState s = new CpuState();
        s.rip = Sandbox.CODE;
        s.gpr[9] = -2;
        s.xmm(3, 1, 2);
        byte[] data = new byte[Sandbox.DATA_SIZE];
        data[77] = 5;
        Outcome o = new Outcome();
        o.vector = 14;
        o.error = 6;
        o.cr2 = 0x1234;
        o.state.copyFrom(s);
        o.state.gpr[1] = 7;
        o.data[77] = 6;
        Reproducer r = new Reproducer("two\nlines", new CpuCase(new byte[] {1, 2}, false, s, data), o, Comparison.Defined.ALL);
        Reproducer back = Reproducer.parse(r.format());
        assertEquals(r.format(), back.format());
        assertArrayEquals(o.state.gpr, back.expected().state.gpr);
        assertEquals(List.of(), back.differences(o));
    }
}
