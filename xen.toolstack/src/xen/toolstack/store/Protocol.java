package xen.toolstack.store;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Requests and answers of public/io/xs_wire.h, for one unprivileged connection. Called with one request at a time. */
final class Protocol {
    static final int CONTROL = 0, DIRECTORY = 1, READ = 2, GET_PERMS = 3, WATCH = 4, UNWATCH = 5, TRANSACTION_START = 6, TRANSACTION_END = 7,
            INTRODUCE = 8, RELEASE = 9, GET_DOMAIN_PATH = 10, WRITE = 11, MKDIR = 12, RM = 13, SET_PERMS = 14, WATCH_EVENT = 15, ERROR = 16,
            IS_DOMAIN_INTRODUCED = 17, RESUME = 18, SET_TARGET = 19, RESET_WATCHES = 21, DIRECTORY_PART = 22;
    static final int MAX_PAYLOAD = 4096;
    private static final byte[] OK = {'O', 'K', 0};

    private final Store store;
    private final Client client;

    Protocol(Store store, Client client) {
        this.store = store;
        this.client = client;
    }

    /** @throws StoreException to be sent as an ERROR answer */
    byte[] answer(int type, int tx, byte[] payload) {
        byte[] result = dispatch(type, tx, payload);
        if (result.length > MAX_PAYLOAD) {
            throw new StoreException("E2BIG");
        }
        return result;
    }

    private byte[] dispatch(int type, int tx, byte[] payload) {
        return switch (type) {
            case READ -> store.read(client, tx, one(payload));
            case DIRECTORY -> lines(store.directory(client, tx, one(payload)));
            case DIRECTORY_PART -> part(tx, strings(payload, 2, 2));
            case GET_PERMS -> Permission.wire(store.permissions(client, tx, one(payload)));
            case WRITE -> {
                int end = zero(payload);
                store.write(client, tx, text(payload, 0, end), Arrays.copyOfRange(payload, end + 1, payload.length));
                yield OK;
            }
            case MKDIR -> done(() -> store.mkdir(client, tx, one(payload)));
            case RM -> done(() -> store.remove(client, tx, one(payload)));
            case SET_PERMS -> done(() -> {
                List<String> s = strings(payload, 2, 64);
                store.setPermissions(client, tx, s.getFirst(), Permission.parseAll(s.subList(1, s.size())));
            });
            case WATCH -> done(() -> {
                List<String> s = strings(payload, 2, 3);
                store.watch(client, s.get(0), s.get(1));
            });
            case UNWATCH -> done(() -> {
                List<String> s = strings(payload, 2, 2);
                store.unwatch(client, s.get(0), s.get(1));
            });
            case RESET_WATCHES -> done(() -> store.reset(client));
            case TRANSACTION_START -> {
                if (tx != 0) {
                    throw new StoreException("EBUSY");
                }
                yield ascii(store.begin(client) + "\0");
            }
            case TRANSACTION_END -> done(() -> store.end(client, tx, commit(one(payload))));
            case GET_DOMAIN_PATH -> ascii(StorePath.home(number(one(payload))) + "\0");
            case IS_DOMAIN_INTRODUCED -> ascii((store.introduced(number(one(payload))) ? "T" : "F") + "\0");
            // domain 0 does these by Java calls, nobody may by a ring
            case CONTROL, INTRODUCE, RELEASE, RESUME, SET_TARGET -> throw new StoreException("EACCES");
            default -> throw new StoreException("ENOSYS");
        };
    }

    private static byte[] done(Runnable action) {
        action.run();
        return OK;
    }

    private static boolean commit(String text) {
        if (!text.equals("T") && !text.equals("F")) {
            throw new StoreException("EINVAL");
        }
        return text.equals("T");
    }

    /** {@code generation\0} then names from a byte offset on, with one NUL more at the end of the list. */
    private byte[] part(int tx, List<String> args) {
        Node node = store.node(client, tx, args.get(0));
        byte[] names = lines(List.copyOf(node.children().keySet()));
        int offset = number(args.get(1));
        if (offset > names.length) {
            throw new StoreException("EINVAL");
        }
        byte[] head = ascii(node.generation() + "\0");
        int end = Math.min(names.length, offset + MAX_PAYLOAD - head.length - 1);
        if (end < names.length) {
            while (end > offset && names[end - 1] != 0) {
                end--;
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head);
        out.write(names, offset, end - offset);
        if (end == names.length) {
            out.write(0);
        }
        return out.toByteArray();
    }

    private static byte[] lines(List<String> names) {
        StringBuilder s = new StringBuilder();
        names.forEach(n -> s.append(n).append('\0'));
        return ascii(s.toString());
    }

    /** The only string of a payload; a missing end mark is an error, as in xenstored. */
    private static String one(byte[] payload) { return strings(payload, 1, 1).getFirst(); }

    private static List<String> strings(byte[] payload, int least, int most) {
        List<String> result = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < payload.length; i++) {
            if (payload[i] == 0) {
                result.add(text(payload, start, i));
                start = i + 1;
            }
        }
        if (result.size() < least || result.size() > most || start != payload.length) {
            throw new StoreException("EINVAL");
        }
        return result;
    }

    private static int zero(byte[] payload) {
        for (int i = 0; i < payload.length; i++) {
            if (payload[i] == 0) {
                return i;
            }
        }
        throw new StoreException("EINVAL");
    }

    private static int number(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            throw new StoreException("EINVAL");
        }
        return Integer.parseInt(text);
    }

    private static String text(byte[] b, int from, int to) { return new String(b, from, to - from, StandardCharsets.ISO_8859_1); }

    private static byte[] ascii(String s) { return s.getBytes(StandardCharsets.ISO_8859_1); }
}
