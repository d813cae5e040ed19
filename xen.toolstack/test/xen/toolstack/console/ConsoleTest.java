package xen.toolstack.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.control.DomainConfig;
import xen.kernel.api.hw.Raw;
import xen.kernel.testing.FakeHypervisor;

class ConsoleTest {
    private final FakeHypervisor hv = new FakeHypervisor(1 << 20);
    private final ConsoleLog log = new ConsoleLog(8192);
    private final StringBuilder heard = new StringBuilder();
    private final long page;
    private final Console console;

    ConsoleTest() {
        int domid = hv.create(new DomainConfig("d", new UUID(0, 1), 16, 1, false)).id();
        long mfn = hv.populate(domid, 0, 1)[0];
        hv.seedGrant(domid, 0, mfn);
        page = hv.memory.address(mfn);
        console = new Console(hv, domid, 0, 5, log);
        console.addListener(b -> heard.append(new String(b, StandardCharsets.US_ASCII)), false);
    }

    @AfterEach void free() { hv.memory.close(); }

    private void guestPrints(String text) {
        int prod = Raw.get32(page + 3084);
        for (int i = 0; i < text.length(); i++) {
            Raw.put8(page + 1024 + (prod + i & 2047), text.charAt(i));
        }
        Raw.put32(page + 3084, prod + text.length());
        hv.guestNotifies(5);
    }

    private String guestReads() {
        int cons = Raw.get32(page + 3072);
        int prod = Raw.get32(page + 3076);
        StringBuilder s = new StringBuilder();
        for (int i = cons; i != prod; i++) {
            s.append((char) Raw.get8(page + (i & 1023)));
        }
        Raw.put32(page + 3072, prod);
        return s.toString();
    }

    @Test void outputReachesListenersAndTheLog() {
        guestPrints("hello\n");
        guestPrints("x".repeat(2048));
        assertThat(heard.toString()).isEqualTo("hello\n" + "x".repeat(2048));
        assertThat(log.content()).hasSize(2054);
        assertThat(hv.sent).containsExactly(5, 5);
        assertThat(Raw.get32(page + 3080)).isEqualTo(2054);
    }

    @Test void inputWaitsForRoom() {
        console.input("a".repeat(1500).getBytes(StandardCharsets.US_ASCII));
        console.input("b".getBytes(StandardCharsets.US_ASCII));
        String first = guestReads();
        assertThat(first).hasSize(1024);
        hv.guestNotifies(5);
        assertThat(guestReads()).isEqualTo("a".repeat(476) + "b");
    }

    @Test void indexesThatCannotBeAreIgnored() {
        Raw.put32(page + 3084, 100_000);
        hv.guestNotifies(5);
        assertThat(heard).isEmpty();
        Raw.put32(page + 3076, 50_000);
        console.input(new byte[] {1});
        assertThat(Raw.get32(page + 3076)).isEqualTo(50_000);
    }

    @Test void theLogKeepsTheLastPart() {
        for (int i = 0; i < 20; i++) {
            guestPrints(String.format("%-1000d", i));
        }
        assertThat(log.content()).hasSize(8192);
        assertThat(new String(log.content(), StandardCharsets.US_ASCII)).endsWith(String.format("%-1000d", 19));
    }

    @Test void aClosedConsoleTouchesThePageNoMore() {
        console.close();
        console.input(new byte[] {1});
        console.pump();
        assertThat(Raw.get32(page + 3076)).isZero();
        assertThat(hv.calls).contains("unmap 0");
    }
}
