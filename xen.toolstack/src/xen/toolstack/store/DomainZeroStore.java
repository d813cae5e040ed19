package xen.toolstack.store;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.toolstack.api.XenStore;

/** Domain 0's view of the store. Watchers are called by the given executor, never with the store's lock held. */
@Component(service = XenStore.class, immediate = true)
public final class DomainZeroStore implements XenStore {
    private static final int ATTEMPTS = 100;

    private final Store store;
    private final Client client;
    private final int tx;
    private final Executor watchers;

    @Activate public DomainZeroStore(@Reference StoreDaemon daemon) {
        this(daemon.store(), action -> daemon.hypervisor().timeline().post(action));
    }

    DomainZeroStore(Store store, Executor watchers) { this(store, store.connect(0, (p, t) -> { }, Quota.DEFAULT), 0, watchers); }

    private DomainZeroStore(Store store, Client client, int tx, Executor watchers) {
        this.store = store;
        this.client = client;
        this.tx = tx;
        this.watchers = watchers;
    }

    private static <T> T checked(String what, Supplier<T> action) {
        try {
            return action.get();
        } catch (StoreException e) {
            throw new IllegalArgumentException("xenstore " + what + ": " + e.code() + ": " + e.getMessage(), e);
        }
    }

    private static void check(String what, Runnable action) {
        checked(what, () -> {
            action.run();
            return null;
        });
    }

    private <T> Optional<T> present(String what, Supplier<T> action) {
        return checked(what, () -> {
            try {
                return Optional.of(action.get());
            } catch (StoreException e) {
                if (e.code().equals("ENOENT")) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    @Override public Optional<String> read(String path) {
        return present("read " + path, () -> new String(store.read(client, tx, path), StandardCharsets.UTF_8));
    }

    @Override public void write(String path, String value) {
        check("write " + path, () -> store.write(client, tx, path, value.getBytes(StandardCharsets.UTF_8)));
    }

    @Override public void mkdir(String path) { check("mkdir " + path, () -> store.mkdir(client, tx, path)); }

    @Override public void remove(String path) {
        present("rm " + path, () -> {
            store.remove(client, tx, path);
            return path;
        });
    }

    @Override public List<String> list(String path) {
        return present("ls " + path, () -> store.directory(client, tx, path)).orElse(List.of());
    }

    @Override public void setPermissions(String path, String... permissions) {
        check("chmod " + path, () -> store.setPermissions(client, tx, path, Permission.parseAll(List.of(permissions))));
    }

    @Override public List<String> permissions(String path) {
        return checked("permissions " + path, () -> store.permissions(client, tx, path).stream().map(Permission::toString).toList());
    }

    @Override public AutoCloseable watch(String path, Consumer<String> listener) {
        // the sink is called with the lock held: hand over only when it is free
        Client own = store.connect(0, (changed, token) -> store.afterwards(() -> watchers.execute(() -> listener.accept(changed))),
                Quota.DEFAULT);
        check("watch " + path, () -> store.watch(own, path, "java"));
        return () -> store.disconnect(own);
    }

    @Override public void transaction(Consumer<XenStore> changes) {
        for (int i = 0; i < ATTEMPTS; i++) {
            int id = checked("transaction", () -> store.begin(client));
            boolean finished = false;
            try {
                changes.accept(new DomainZeroStore(store, client, id, watchers));
                finished = true;
            } finally {
                if (!finished) {
                    store.end(client, id, false);
                }
            }
            try {
                store.end(client, id, true);
                return;
            } catch (StoreException e) {
                if (!e.code().equals("EAGAIN")) {
                    throw new IllegalArgumentException("xenstore commit: " + e.code() + ": " + e.getMessage(), e);
                }
            }
        }
        throw new IllegalStateException("xenstore: a transaction lost against other changes " + ATTEMPTS + " times");
    }
}
