package xen.toolstack.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class StoreTest {
    private final Store store = new Store();
    private final List<String> events = new ArrayList<>();
    private final Client zero = store.connect(0, (p, t) -> events.add("0:" + p + ":" + t), Quota.DEFAULT);
    private final Client guest = guest(7);

    private Client guest(int domid) {
        store.mkdir(zero, 0, "/local/domain/" + domid);
        store.setPermissions(zero, 0, "/local/domain/" + domid, List.of(Permission.none(domid)));
        return store.connect(domid, (p, t) -> events.add(domid + ":" + p + ":" + t), new Quota(12, 3, 2, 3, 64));
    }

    private static byte[] bytes(String s) { return s.getBytes(StandardCharsets.US_ASCII); }

    private String read(Client c, int tx, String path) { return new String(store.read(c, tx, path), StandardCharsets.US_ASCII); }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test void aGuestWritesAndReadsUnderItsHomeByRelativePath() {
        store.write(guest, 0, "data/x", bytes("1"));
        assertThat(read(guest, 0, "/local/domain/7/data/x")).isEqualTo("1");
        assertThat(read(zero, 0, "/local/domain/7/data/x")).isEqualTo("1");
        assertThat(store.permissions(guest, 0, "data/x").getFirst().domid()).isEqualTo(7);
    }

    @Test void aGuestCannotSeeOrTouchAnother() {
        Client other = guest(8);
        store.write(other, 0, "secret", bytes("s"));
        refused("EACCES", () -> store.read(guest, 0, "/local/domain/8/secret"));
        refused("EACCES", () -> store.read(guest, 0, "/local/domain/8/missing"));
        refused("EACCES", () -> store.write(guest, 0, "/local/domain/8/secret", bytes("x")));
        refused("EACCES", () -> store.write(guest, 0, "/local/domain/8/new", bytes("x")));
        refused("EACCES", () -> store.remove(guest, 0, "/local/domain/8"));
        refused("EACCES", () -> store.remove(guest, 0, "/local/domain/8/secret"));
        refused("EACCES", () -> store.setPermissions(guest, 0, "/local/domain/8/secret", List.of(Permission.both(7))));
        refused("EACCES", () -> store.write(guest, 0, "/tool/x", bytes("x")));
    }

    @Test void aGuestCannotGiveNodesAway() {
        store.write(guest, 0, "x", bytes(""));
        refused("EPERM", () -> store.setPermissions(guest, 0, "x", List.of(Permission.none(0))));
    }

    @Test void readPermissionOpensANodeForOneDomain() {
        Client other = guest(8);
        store.write(other, 0, "open", bytes("o"));
        store.setPermissions(other, 0, "open", List.of(Permission.none(8), Permission.read(7)));
        assertThat(read(guest, 0, "/local/domain/8/open")).isEqualTo("o");
        refused("EACCES", () -> store.write(guest, 0, "/local/domain/8/open", bytes("x")));
    }

    @Test void removingTakesTheChildrenAndAMissingNodeIsFineWhenItsParentIsThere() {
        store.write(guest, 0, "a/b/c", bytes("1"));
        store.remove(guest, 0, "a");
        refused("ENOENT", () -> store.read(guest, 0, "a/b/c"));
        store.remove(guest, 0, "a");
        refused("ENOENT", () -> store.remove(guest, 0, "a/b"));
    }

    @Test void aWatchFiresAtOnceAndForEverythingBelow() {
        store.watch(guest, "device", "t");
        store.write(zero, 0, "/local/domain/7/device/vbd/1/state", bytes("1"));
        assertThat(events).containsExactly("7:device:t", "7:device/vbd/1/state:t");
    }

    @Test void aWatchDoesNotTellWhatItsOwnerMayNotRead() {
        store.watch(guest, "/tool", "t");
        events.clear();
        store.write(zero, 0, "/tool/secret", bytes("x"));
        assertThat(events).isEmpty();
    }

    @Test void removingANodeTellsWatchesBelowIt() {
        store.write(guest, 0, "a/b/c", bytes("1"));
        store.watch(guest, "a/b/c", "low");
        store.watch(guest, "a", "high");
        events.clear();
        store.remove(guest, 0, "a");
        assertThat(events).containsExactlyInAnyOrder("7:a:high", "7:a/b/c:low");
    }

    @Test void absoluteWatchesGetAbsolutePaths() {
        store.watch(guest, "/local/domain/7/x", "t");
        store.write(guest, 0, "x", bytes("1"));
        assertThat(events).endsWith("7:/local/domain/7/x:t");
    }

    @Test void aWatchIsSetOnceAndEndsWhenItIsTakenAway() {
        store.watch(guest, "x", "t");
        refused("EEXIST", () -> store.watch(guest, "x", "t"));
        store.unwatch(guest, "x", "t");
        refused("ENOENT", () -> store.unwatch(guest, "x", "t"));
        events.clear();
        store.write(guest, 0, "x", bytes("1"));
        assertThat(events).isEmpty();
    }

    @Test void domainsComingAndGoingAreDomain0sToWatch() {
        refused("EACCES", () -> store.watch(guest, "@releaseDomain", "t"));
        store.watch(zero, "@introduceDomain", "in");
        store.watch(zero, "@releaseDomain", "out");
        Client c = guest(9);
        store.disconnect(c);
        assertThat(events).containsSubsequence("0:@introduceDomain:in", "0:@releaseDomain:out");
        assertThat(events.stream().filter(e -> e.contains("Domain:out"))).hasSize(2);
    }

    @Test void aTransactionIsSeenByOthersOnlyWhenItEnds() {
        store.watch(zero, "/local/domain/7", "w");
        events.clear();
        int tx = store.begin(guest);
        store.write(guest, tx, "a", bytes("1"));
        store.write(guest, tx, "b", bytes("2"));
        refused("ENOENT", () -> store.read(zero, 0, "/local/domain/7/a"));
        assertThat(read(guest, tx, "a")).isEqualTo("1");
        assertThat(events).isEmpty();
        store.end(guest, tx, true);
        assertThat(read(zero, 0, "/local/domain/7/b")).isEqualTo("2");
        assertThat(events).containsExactly("0:/local/domain/7/a:w", "0:/local/domain/7/b:w");
    }

    @Test void anAbortedTransactionLeavesNothing() {
        int tx = store.begin(guest);
        store.write(guest, tx, "a", bytes("1"));
        store.end(guest, tx, false);
        refused("ENOENT", () -> store.read(guest, 0, "a"));
        refused("ENOENT", () -> store.end(guest, tx, true));
    }

    @Test void aTransactionThatReadWhatChangedIsToldToTryAgain() {
        store.write(guest, 0, "counter", bytes("1"));
        int tx = store.begin(guest);
        read(guest, tx, "counter");
        store.write(guest, tx, "counter", bytes("2"));
        store.write(zero, 0, "/local/domain/7/counter", bytes("5"));
        refused("EAGAIN", () -> store.end(guest, tx, true));
        assertThat(read(guest, 0, "counter")).isEqualTo("5");
    }

    @Test void aTransactionThatMissedANodeMadeMeanwhileIsToldToTryAgain() {
        int tx = store.begin(guest);
        refused("ENOENT", () -> store.read(guest, tx, "flag"));
        store.write(guest, tx, "other", bytes("2"));
        store.write(zero, 0, "/local/domain/7/flag", bytes("5"));
        refused("EAGAIN", () -> store.end(guest, tx, true));
    }

    @Test void changesElsewhereDoNotDisturbATransaction() {
        store.write(guest, 0, "mine", bytes("0"));
        int tx = store.begin(guest);
        store.write(guest, tx, "mine", bytes("1"));
        store.write(zero, 0, "/tool/elsewhere", bytes("2"));
        store.end(guest, tx, true);
        assertThat(read(zero, 0, "/local/domain/7/mine")).isEqualTo("1");
        assertThat(read(zero, 0, "/tool/elsewhere")).isEqualTo("2");
    }

    @Test void quotasHoldForGuestsOnly() {
        refused("ENOSPC", () -> {
            for (int i = 0; i < 20; i++) {
                store.write(guest, 0, "n" + i, bytes(""));
            }
        });
        refused("ENOSPC", () -> store.write(guest, 0, "n0", bytes("x".repeat(65))));
        for (int i = 0; i < 3; i++) {
            store.watch(guest, "w" + i, "t");
        }
        refused("E2BIG", () -> store.watch(guest, "w3", "t"));
        store.begin(guest);
        store.begin(guest);
        refused("ENOSPC", () -> store.begin(guest));
        refused("ENOSPC", () -> store.setPermissions(guest, 0, "n0", List.of(Permission.none(7), Permission.read(1), Permission.read(2), Permission.read(3))));
        for (int i = 0; i < 100; i++) {
            store.write(zero, 0, "/tool/n" + i, bytes("x".repeat(100)));
        }
    }

    @Test void onlyPathsAreTakenForPaths() {
        for (String bad : new String[] {"", "/a//b", "/a/", "a b", "/a\n", "x".repeat(2049), "/" + "x".repeat(3072)}) {
            refused("EINVAL", () -> store.write(guest, 0, bad, bytes("")));
        }
        refused("EINVAL", () -> store.remove(zero, 0, "/"));
    }
}
