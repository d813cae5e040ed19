package xen.toolstack.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Raw;

/** The guest's side of the ring, by hand. */
class StoreRingTest {
    private record Message(int type, int request, int tx, String payload) {}

    private final Raw.Area area = Raw.allocate(4096);
    private final long page = area.address();
    private final Store store = new Store();
    private int notified;
    private final StoreRing ring;

    StoreRingTest() {
        Raw.zero(page, 4096);
        Client zero = store.connect(0, (p, t) -> { }, Quota.DEFAULT);
        store.mkdir(zero, 0, "/local/domain/3");
        store.setPermissions(zero, 0, "/local/domain/3", List.of(Permission.none(3)));
        ring = new StoreRing(store, 3, page, () -> notified++);
    }

    @AfterEach void free() { area.free(); }

    private static byte[] request(int type, int id, int tx, String payload) {
        byte[] p = payload.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(16 + p.length).order(ByteOrder.LITTLE_ENDIAN).putInt(type).putInt(id).putInt(tx).putInt(p.length).put(p).array();
    }

    /** Puts bytes as room comes, notifying after each portion, and collects the answers. */
    private List<Message> exchange(byte[] bytes) {
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        int done = 0;
        do {
            int prod = Raw.get32(page + 2052);
            int room = 1024 - (prod - Raw.get32(page + 2048));
            int n = Math.min(room, bytes.length - done);
            for (int i = 0; i < n; i++) {
                Raw.put8(page + (prod + i & 1023), bytes[done++]);
            }
            Raw.put32(page + 2052, prod + n);
            ring.service();
            while (collect(answers)) {
                ring.service();
            }
        } while (done < bytes.length && !ring.broken());
        return parse(answers.toByteArray());
    }

    private boolean collect(ByteArrayOutputStream into) {
        int cons = Raw.get32(page + 2056);
        int prod = Raw.get32(page + 2060);
        for (int i = cons; i != prod; i++) {
            into.write(Raw.get8(page + 1024 + (i & 1023)));
        }
        Raw.put32(page + 2056, prod);
        return prod != cons;
    }

    private static List<Message> parse(byte[] bytes) {
        List<Message> result = new ArrayList<>();
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (b.remaining() >= 16) {
            int type = b.getInt();
            int id = b.getInt();
            int tx = b.getInt();
            byte[] p = new byte[b.getInt()];
            b.get(p);
            result.add(new Message(type, id, tx, new String(p, StandardCharsets.ISO_8859_1)));
        }
        return result;
    }

    private Message one(int type, int tx, String payload) {
        List<Message> m = exchange(request(type, 77, tx, payload));
        assertThat(m).isNotEmpty();
        assertThat(m.getFirst().request).isEqualTo(77);
        return m.getFirst();
    }

    private void fails(String code, int type, int tx, String payload) {
        assertThat(one(type, tx, payload)).isEqualTo(new Message(Protocol.ERROR, 77, tx, code + "\0"));
    }

    @Test void writeAndReadGoOverTheRing() {
        assertThat(one(Protocol.WRITE, 0, "data/a\0hello").payload).isEqualTo("OK\0");
        assertThat(one(Protocol.READ, 0, "data/a\0").payload).isEqualTo("hello");
        assertThat(notified).isPositive();
    }

    @Test void directoriesPermissionsAndPathsAreAnswered() {
        one(Protocol.MKDIR, 0, "data/x\0");
        one(Protocol.MKDIR, 0, "data/y\0");
        assertThat(one(Protocol.DIRECTORY, 0, "data\0").payload).isEqualTo("x\0y\0");
        assertThat(one(Protocol.GET_PERMS, 0, "data/x\0").payload).isEqualTo("n3\0");
        assertThat(one(Protocol.SET_PERMS, 0, "data/x\0n3\0r5\0").payload).isEqualTo("OK\0");
        assertThat(one(Protocol.GET_PERMS, 0, "data/x\0").payload).isEqualTo("n3\0r5\0");
        assertThat(one(Protocol.RM, 0, "data/x\0").payload).isEqualTo("OK\0");
        assertThat(one(Protocol.GET_DOMAIN_PATH, 0, "9\0").payload).isEqualTo("/local/domain/9\0");
        assertThat(one(Protocol.IS_DOMAIN_INTRODUCED, 0, "3\0").payload).isEqualTo("T\0");
        assertThat(one(Protocol.IS_DOMAIN_INTRODUCED, 0, "4\0").payload).isEqualTo("F\0");
    }

    @Test void theAnswerToWatchComesBeforeItsFirstEvent() {
        List<Message> m = exchange(request(Protocol.WATCH, 5, 0, "data\0tok\0"));
        assertThat(m).containsExactly(new Message(Protocol.WATCH, 5, 0, "OK\0"), new Message(Protocol.WATCH_EVENT, 0, 0, "data\0tok\0"));
        assertThat(exchange(request(Protocol.WRITE, 6, 0, "data/z\0" + "1"))).contains(new Message(Protocol.WATCH_EVENT, 0, 0, "data/z\0tok\0"));
        assertThat(one(Protocol.RESET_WATCHES, 0, "\0").payload).isEqualTo("OK\0");
        assertThat(exchange(request(Protocol.WRITE, 7, 0, "data/z\0" + "2"))).hasSize(1);
    }

    @Test void transactionsGoOverTheRing() {
        int tx = Integer.parseInt(one(Protocol.TRANSACTION_START, 0, "\0").payload.strip().replace("\0", ""));
        assertThat(one(Protocol.WRITE, tx, "data/t\0v")).isEqualTo(new Message(Protocol.WRITE, 77, tx, "OK\0"));
        fails("ENOENT", Protocol.READ, 0, "data/t\0");
        assertThat(one(Protocol.TRANSACTION_END, tx, "T\0").payload).isEqualTo("OK\0");
        assertThat(one(Protocol.READ, 0, "data/t\0").payload).isEqualTo("v");
        fails("ENOENT", Protocol.TRANSACTION_END, 12345, "T\0");
    }

    @Test void aListLongerThanAPageComesInParts() {
        // names of 120 letters: the list passes 4096 bytes at 35
        Client zero = store.connect(0, (p, t) -> { }, Quota.DEFAULT);
        StringBuilder all = new StringBuilder();
        for (int i = 10; i < 60; i++) {
            String name = "n".repeat(118) + i;
            store.mkdir(zero, 0, "/local/domain/3/big/" + name);
            all.append(name).append('\0');
        }
        fails("E2BIG", Protocol.DIRECTORY, 0, "big\0");
        StringBuilder got = new StringBuilder();
        String generation = null;
        for (boolean more = true; more;) {
            String[] part = one(Protocol.DIRECTORY_PART, 0, "big\0" + got.length() + "\0").payload.split("\0", 2);
            generation = generation == null ? part[0] : generation;
            assertThat(part[0]).isEqualTo(generation);
            more = !part[1].endsWith("\0\0");
            got.append(more ? part[1] : part[1].substring(0, part[1].length() - 1));
        }
        assertThat(got.toString()).isEqualTo(all.toString());
    }

    @Test void whatIsNotAGuestsBusinessIsRefused() {
        fails("EACCES", Protocol.CONTROL, 0, "print\0x\0");
        fails("EACCES", Protocol.INTRODUCE, 0, "5\0" + "1\0" + "1\0");
        fails("EACCES", Protocol.RELEASE, 0, "5\0");
        fails("EACCES", Protocol.READ, 0, "/tool/xenstored\0");
        fails("ENOSYS", 99, 0, "x\0");
    }

    @Test void malformedPayloadsGetEinval() {
        fails("EINVAL", Protocol.READ, 0, "no-end");
        fails("EINVAL", Protocol.READ, 0, "");
        fails("EINVAL", Protocol.WRITE, 0, "no-end");
        fails("EINVAL", Protocol.SET_PERMS, 0, "data\0q7\0");
        fails("EINVAL", Protocol.GET_DOMAIN_PATH, 0, "x\0");
        fails("EINVAL", Protocol.TRANSACTION_END, 0, "maybe\0");
        fails("EINVAL", Protocol.DIRECTORY_PART, 0, "/local/domain/3\0" + "999999\0");
    }

    @Test void aRequestInManyPiecesIsOneRequest() {
        byte[] r = request(Protocol.WRITE, 8, 0, "data/p\0" + "v".repeat(1500));
        assertThat(exchange(r)).containsExactly(new Message(Protocol.WRITE, 8, 0, "OK\0"));
        assertThat(one(Protocol.READ, 0, "data/p\0").payload).hasSize(1500);
    }

    @Test void aPayloadOverTheLimitBreaksTheConnectionOnly() {
        byte[] r = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(Protocol.READ).putInt(1).putInt(0).putInt(4097).array();
        exchange(r);
        assertThat(ring.broken()).isTrue();
        assertThat(Raw.get32(page + 2072)).isEqualTo(1);
    }

    @Test void nonsenseIndexesBreakTheConnectionOnly() {
        Raw.put32(page + 2052, 5000);
        ring.service();
        assertThat(ring.broken()).isTrue();
    }

    @Test void anUnreadRingKeepsAnswersUntilThereIsRoom() {
        one(Protocol.WRITE, 0, "data/l\0" + "v".repeat(900));
        byte[] r = request(Protocol.READ, 1, 0, "data/l\0");
        for (int k = 0; k < 3; k++) {
            int prod = Raw.get32(page + 2052);
            for (int i = 0; i < r.length; i++) {
                Raw.put8(page + (prod + i & 1023), r[i]);
            }
            Raw.put32(page + 2052, prod + r.length);
            ring.service();
        }
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        while (collect(answers)) {
            ring.service();
        }
        assertThat(parse(answers.toByteArray())).hasSize(3).allSatisfy(m -> assertThat(m.payload).hasSize(900));
    }
}
