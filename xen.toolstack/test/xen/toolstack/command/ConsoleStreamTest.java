package xen.toolstack.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConsoleStreamTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int matches;

    private String stream(String until, String... pieces) throws InterruptedException {
        try (ConsoleStream s = new ConsoleStream(new PrintStream(out), until == null ? null : Pattern.compile(until), () -> matches++)) {
            for (String p : pieces) {
                s.accept(p.getBytes(StandardCharsets.UTF_8));
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test void everythingIsWrittenInOrder() throws InterruptedException {
        assertThat(stream(null, "a\n", "b", "c\r\n")).isEqualTo("a\nbc\r\n");
    }

    @Test void aLineInPiecesMatchesAndTheRestIsDropped() throws InterruptedException {
        assertThat(stream("^log.n: $", "boot\r\nlo", "gin: ", "more\n")).isEqualTo("boot\r\nlogin: ");
        assertThat(matches).isEqualTo(1);
    }

    @Test void theMatchEndsTheOutputInsideAPiece() throws InterruptedException {
        assertThat(stream("two", "one\ntwo\nthree\n")).isEqualTo("one\ntwo\n");
        assertThat(matches).isEqualTo(1);
    }

    @Test void aMatchNeverSpansLines() throws InterruptedException {
        assertThat(stream("one.*two", "one\ntwo\n")).isEqualTo("one\ntwo\n");
        assertThat(matches).isZero();
    }

    @Test void linesAreMatchedAsUtf8() throws InterruptedException {
        stream("für", "für dich\n");
        assertThat(matches).isEqualTo(1);
    }
}
