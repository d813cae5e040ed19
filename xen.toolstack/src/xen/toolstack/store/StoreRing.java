package xen.toolstack.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import xen.kernel.api.hw.Raw;

/**
 * One domain's connection over its shared xenstore page (struct xenstore_domain_interface). {@link #service} runs on the timeline when the
 * guest notifies; watch events arrive on any thread with the store's lock held. The guest's indexes and headers are not trusted: nonsense
 * breaks this connection and nothing else.
 */
final class StoreRing {
    private static final int RING = 1024, REQ = 0, RSP = 1024, REQ_CONS = 2048, REQ_PROD = 2052, RSP_CONS = 2056, RSP_PROD = 2060, ERROR = 2072;
    private static final int HEADER = 16, MAX_QUEUE = 1 << 20;

    private final Store store;
    private final long page;
    private final Runnable notifyGuest;
    private final Client client;
    private final Protocol protocol;
    private final byte[] in = new byte[HEADER + Protocol.MAX_PAYLOAD];
    private int inLength;
    private final ArrayDeque<byte[]> out = new ArrayDeque<>();
    private final List<byte[]> caused = new ArrayList<>();
    private boolean handling;
    private int outDone;
    private int queued;
    private boolean broken;
    private boolean closed;

    /**
     * @param page host address of the mapped page
     * @param notifyGuest raises the guest's event; called without locks
     */
    StoreRing(Store store, int domid, long page, Runnable notifyGuest) {
        this.store = store;
        this.page = page;
        this.notifyGuest = notifyGuest;
        this.client = store.connect(domid, this::event, Quota.DEFAULT);
        this.protocol = new Protocol(store, client);
    }

    Client client() { return client; }

    /** Takes requests and puts answers as far as the rings allow. */
    void service() {
        store.run(() -> {
            if (closed) {
                return;
            }
            boolean moved = false;
            for (boolean more = true; more && !broken;) {
                boolean took = take();
                boolean put = put();
                more = took || put;
                moved |= more;
            }
            if (moved) {
                store.afterwards(notifyGuest);
            }
        });
    }

    void close() {
        store.run(() -> {
            closed = true;
            out.clear();
            store.disconnect(client);
        });
    }

    /** Closes and tells how the connection was then: what the guest asks from here on waits in the ring. */
    SavedConnection leave() {
        return store.locked(() -> {
            SavedConnection saved = save();
            close();
            return saved;
        });
    }

    boolean broken() { return broken; }

    private void event(String path, String token) {
        if (closed || broken) {
            return;
        }
        byte[] message = message(Protocol.WATCH_EVENT, 0, 0, (path + "\0" + token + "\0").getBytes(StandardCharsets.ISO_8859_1));
        if (handling) {
            caused.add(message);
            return;
        }
        queue(message);
        if (put()) {
            store.afterwards(notifyGuest);
        }
    }

    /** Moves bytes from the request ring and handles each complete request; true if there were any. */
    private boolean take() {
        int cons = Raw.get32(page + REQ_CONS);
        int prod = Raw.get32Acquire(page + REQ_PROD);
        int available = prod - cons;
        if (available < 0 || available > RING) {
            fail();
            return false;
        }
        // an answer that the guest does not fetch must not pile up: requests wait until it does
        if (available == 0 || queued > MAX_QUEUE) {
            return false;
        }
        while (available > 0 && !broken) {
            int want = inLength < HEADER ? HEADER - inLength : HEADER + length() - inLength;
            int n = Math.min(want, available);
            for (int i = 0; i < n; i++) {
                in[inLength++] = (byte) Raw.get8(page + REQ + (cons++ & RING - 1));
            }
            available -= n;
            if (inLength >= HEADER && (length() < 0 || length() > Protocol.MAX_PAYLOAD)) {
                fail();
            } else if (inLength >= HEADER && inLength == HEADER + length()) {
                handle();
                inLength = 0;
            }
        }
        Raw.put32Release(page + REQ_CONS, cons);
        return true;
    }

    private int word(int at) { return in[at] & 0xff | (in[at + 1] & 0xff) << 8 | (in[at + 2] & 0xff) << 16 | in[at + 3] << 24; }

    private int length() { return word(12); }

    private void handle() {
        int type = word(0);
        int request = word(4);
        int tx = word(8);
        byte[] payload = Arrays.copyOfRange(in, HEADER, HEADER + length());
        handling = true;
        byte[] answer;
        try {
            answer = message(type, request, tx, protocol.answer(type, tx, payload));
        } catch (StoreException e) {
            answer = message(Protocol.ERROR, request, tx, (e.code() + "\0").getBytes(StandardCharsets.US_ASCII));
        } finally {
            handling = false;
        }
        // the answer goes before the events that the request causes, as clients expect of WATCH
        queue(answer);
        caused.forEach(this::queue);
        caused.clear();
    }

    private void queue(byte[] message) {
        if (queued > 2 * MAX_QUEUE) {
            fail();
            return;
        }
        queued += message.length;
        out.addLast(message);
    }

    private static byte[] message(int type, int request, int tx, byte[] payload) {
        byte[] m = new byte[HEADER + payload.length];
        int[] words = {type, request, tx, payload.length};
        for (int i = 0; i < HEADER; i++) {
            m[i] = (byte) (words[i / 4] >>> i % 4 * 8);
        }
        System.arraycopy(payload, 0, m, HEADER, payload.length);
        return m;
    }

    /** Moves queued bytes to the response ring; true if any moved. */
    private boolean put() {
        int cons = Raw.get32Acquire(page + RSP_CONS);
        int prod = Raw.get32(page + RSP_PROD);
        int used = prod - cons;
        if (used < 0 || used > RING) {
            fail();
            return false;
        }
        int room = RING - used;
        boolean moved = false;
        while (room > 0 && !out.isEmpty()) {
            byte[] m = out.peekFirst();
            int n = Math.min(room, m.length - outDone);
            for (int i = 0; i < n; i++) {
                Raw.put8(page + RSP + (prod++ & RING - 1), m[outDone++]);
            }
            room -= n;
            moved |= n > 0;
            if (outDone == m.length) {
                out.removeFirst();
                queued -= m.length;
                outDone = 0;
            }
        }
        Raw.put32Release(page + RSP_PROD, prod);
        return moved;
    }

    private void fail() {
        broken = true;
        Raw.put32(page + ERROR, 1);
    }

    SavedConnection save() {
        return store.locked(() -> {
            List<byte[]> waiting = new ArrayList<>(out);
            if (outDone > 0) {
                waiting.set(0, Arrays.copyOfRange(waiting.getFirst(), outDone, waiting.getFirst().length));
            }
            return new SavedConnection(client.alias == null ? client.domid : client.alias.old(), Arrays.copyOf(in, inLength), waiting, broken,
                    client.watches.stream().map(w -> new SavedConnection.SavedWatch(w.path(), w.token(), w.hidden())).toList(),
                    List.copyOf(client.transactions.keySet()));
        });
    }

    /** Goes on with a connection as it was; before the first {@link #service}. */
    void load(SavedConnection saved) {
        store.run(() -> {
            if (saved.in().length > in.length) {
                throw new IllegalArgumentException("a request of " + saved.in().length + " bytes");
            }
            System.arraycopy(saved.in(), 0, in, 0, saved.in().length);
            inLength = saved.in().length;
            // a header that no guest could have sent ends the connection at once, as it would have then
            if (inLength >= HEADER && (length() < 0 || length() > Protocol.MAX_PAYLOAD || inLength >= HEADER + length())) {
                throw new IllegalArgumentException("a request of " + length() + " bytes");
            }
            saved.out().forEach(this::queue);
            broken |= saved.broken();
            store.load(client, saved);
        });
    }
}
