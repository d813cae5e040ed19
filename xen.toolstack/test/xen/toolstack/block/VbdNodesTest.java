package xen.toolstack.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.RingConfig;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.hypercall.Errno;
import xen.toolstack.api.XenStore;

/** Front ends that keep to no protocol: states in any order, keys of nonsense, watches that come late; a proper one must always get its disk afterwards. */
class VbdNodesTest {
    private static final int STEPS = 20_000;
    private static final String[] KEYS = {"ring-ref", "ring-ref0", "ring-ref1", "event-channel", "ring-page-order", "multi-queue-num-queues", "queue-0/ring-ref", "queue-0/event-channel",
            "queue-1/ring-ref", "queue-1/event-channel", "protocol", "feature-persistent", "state"};
    private static final String[] VALUES = {"", "0", "1", "2", "8", "-1", "4294967300", "99999999999", "x86_64-abi", "x86_32-abi", "0x7", "\u0000", "1 ", "nonsense"};

    /** Its watches are called when the test says so; what came in between is seen as one. */
    private static final class Nodes implements XenStore {
        final TreeMap<String, String> all = new TreeMap<>();
        final Queue<Runnable> late = new ArrayDeque<>();
        String watched = "";
        Consumer<String> listener = p -> { };

        @Override public Optional<String> read(String path) { return Optional.ofNullable(all.get(path)); }
        @Override public void mkdir(String path) {}
        @Override public List<String> list(String path) { return List.of(); }
        @Override public void setPermissions(String path, String... permissions) {}
        @Override public List<String> permissions(String path) { return List.of(); }
        @Override public void transaction(Consumer<XenStore> changes) { changes.accept(this); }

        @Override public void write(String path, String value) {
            all.put(path, value);
            changed(path);
        }

        @Override public void remove(String path) {
            all.keySet().removeIf(k -> k.equals(path) || k.startsWith(path + "/"));
            changed(path);
        }

        private void changed(String path) {
            if (path.equals(watched) || watched.startsWith(path + "/")) {
                late.add(() -> listener.accept(watched));
            }
        }

        @Override public AutoCloseable watch(String path, Consumer<String> l) {
            watched = path;
            listener = l;
            late.add(() -> l.accept(path));
            return () -> listener = p -> { };
        }

        void deliver() {
            while (!late.isEmpty()) {
                late.remove().run();
            }
        }
    }

    private final Nodes store = new Nodes();
    private final Random random;
    private boolean connected;
    private int wrongConnects;
    private Consumer<String> fault;

    VbdNodesTest() { random = new Random(1); }

    /** The core's side: refuses some rings, must never be connected twice. */
    private ManagedVbd vbd() {
        return (ManagedVbd) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {ManagedVbd.class}, (p, m, a) -> switch (m.getName()) {
            case "connect" -> {
                wrongConnects += connected ? 1 : 0;
                for (Object r : (List<?>) a[0]) {
                    wrongConnects += ((RingConfig) r).refs().length == 0 ? 1 : 0;
                }
                if (random.nextInt(4) == 0) {
                    throw new HypervisorException(Errno.EINVAL, "no such page");
                }
                connected = true;
                yield null;
            }
            case "disconnect", "close" -> {
                connected = false;
                yield null;
            }
            case "onFault" -> {
                @SuppressWarnings("unchecked") Consumer<String> c = (Consumer<String>) a[0];
                fault = c;
                yield null;
            }
            case "domid" -> 1;
            case "device" -> 51712;
            case "backendDomid" -> 32751;
            case "sectors" -> 2048L;
            case "sectorSize" -> 512;
            case "readOnly", "discards" -> false;
            case "toString" -> "the disk";
            default -> throw new AssertionError(m.toString());
        });
    }

    private VbdNodes nodes() {
        VbdNodes n = new VbdNodes(store, vbd(), DiskSpec.parse("ram:1M,xvda"), 32);
        n.publish();
        store.deliver();
        return n;
    }

    private void state(VbdNodes n, int s) { store.write(n.front + "/state", Integer.toString(s)); }

    private void attach(VbdNodes n) {
        for (int s : new int[] {6, 1}) {
            state(n, s);
            store.deliver();
        }
        assertThat(n.state()).isEqualTo(2);
        for (String k : KEYS) {
            store.remove(n.front + "/" + k);
        }
        store.write(n.front + "/ring-ref", "8");
        store.write(n.front + "/event-channel", "7");
        state(n, 3);
        store.deliver();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void statesInAnyOrderLeadNowhereWrong(long seed) {
        VbdNodes n = nodes();
        random.setSeed(seed);
        int served = 0;
        for (int i = 0; i < STEPS; i++) {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> state(n, random.nextInt(9));
                case 4, 5, 6 -> store.write(n.front + "/" + KEYS[random.nextInt(KEYS.length)], random.nextInt(3) == 0 ? VALUES[random.nextInt(VALUES.length)] : "" + random.nextInt(9));
                case 7 -> store.remove(n.front + "/" + KEYS[random.nextInt(KEYS.length)]);
                case 8 -> {
                    if (connected && fault != null) {
                        fault.accept("wrote nonsense into its ring");
                    }
                }
                case 9 -> n.ask(0);
                case 10 -> {
                    if (random.nextInt(50) == 0) {
                        store.remove(n.front);
                    }
                }
                default -> attach(n);
            }
            if (random.nextInt(3) != 0) {
                store.deliver();
            }
            boolean is = n.state() == 4;
            assertThat(store.read(n.back + "/state")).contains(Integer.toString(n.state()));
            assertThat(connected || !is).as("step %d: says that it is connected", i).isTrue();
            assertThat(!connected || is || n.state() == 5).as("step %d: connected in state %d", i, n.state()).isTrue();
            served += is ? 1 : 0;
        }
        assertThat(wrongConnects).isZero();
        assertThat(served).isBetween(STEPS / 20, STEPS);
        n.close();
        assertThat(connected).isFalse();
    }

    @Test void aFrontEndThatBeginsAnewWithoutAnEndGetsANewStart() {
        VbdNodes n = nodes();
        do {
            attach(n);
        } while (n.state() != 4);
        state(n, 6);
        state(n, 1);
        store.deliver();
        assertThat(n.state()).isEqualTo(2);
        assertThat(connected).isFalse();
    }

    @Test void aFrontEndThatKeepsItsDiskOpenKeepsItWhenItIsAskedAgain() {
        VbdNodes n = nodes();
        do {
            attach(n);
        } while (n.state() != 4);
        assertThat(n.ask(0)).isFalse();
        assertThat(n.ask(0)).as("asked again").isFalse();
        assertThat(connected).isTrue();
        state(n, 6);
        store.deliver();
        assertThat(n.ask(0)).isTrue();
        assertThat(connected).isFalse();
    }
}
