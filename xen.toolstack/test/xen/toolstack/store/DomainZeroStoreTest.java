package xen.toolstack.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DomainZeroStoreTest {
    private final Store store = new Store();
    private final DomainZeroStore zero = new DomainZeroStore(store, Runnable::run);

    @Test void valuesListsAndRemovals() {
        zero.write("/tool/a", "1");
        zero.mkdir("/tool/b");
        assertThat(zero.read("/tool/a")).contains("1");
        assertThat(zero.read("/tool/missing")).isEmpty();
        assertThat(zero.list("/tool")).contains("a", "b");
        assertThat(zero.list("/nothing")).isEmpty();
        zero.remove("/tool/a");
        zero.remove("/nothing/at/all");
        assertThat(zero.read("/tool/a")).isEmpty();
    }

    @Test void watchersHearOfChangesUntilTheyClose() throws Exception {
        List<String> heard = new ArrayList<>();
        AutoCloseable watch = zero.watch("/tool", heard::add);
        zero.write("/tool/x", "1");
        watch.close();
        zero.write("/tool/x", "2");
        assertThat(heard).containsExactly("/tool", "/tool/x");
    }

    @Test void aWatcherMayUseTheStore() {
        zero.watch("/tool/in", p -> zero.write("/tool/out", "seen"));
        assertThat(zero.read("/tool/out")).contains("seen");
    }

    @Test void aTransactionThatLosesIsRunAgain() {
        zero.write("/tool/n", "1");
        int[] runs = {0};
        zero.transaction(s -> {
            int n = Integer.parseInt(s.read("/tool/n").orElseThrow());
            if (runs[0]++ == 0) {
                zero.write("/tool/n", "10");
            }
            s.write("/tool/n", Integer.toString(n + 1));
        });
        assertThat(zero.read("/tool/n")).contains("11");
        assertThat(runs[0]).isEqualTo(2);
    }

    @Test void anExceptionInATransactionUndoesIt() {
        assertThatThrownBy(() -> zero.transaction(s -> {
            s.write("/tool/half", "1");
            throw new IllegalStateException("no");
        })).hasMessage("no");
        assertThat(zero.read("/tool/half")).isEmpty();
    }

    @Test void badPathsAreNamed() { assertThatThrownBy(() -> zero.write("a//b", "x")).hasMessageContaining("a//b").hasMessageContaining("EINVAL"); }
}
