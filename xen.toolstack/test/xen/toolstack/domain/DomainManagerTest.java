package xen.toolstack.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.testing.FakeHypervisor;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.XenStore;
import xen.toolstack.store.StoreDaemon;
import xen.toolstack.testing.TestKernel;

class DomainManagerTest {
    @TempDir Path dir;
    private final FakeHypervisor hv = new FakeHypervisor(64 << 20);
    private final StoreDaemon daemon = new StoreDaemon(hv);
    private final XenStore store = daemon.domainZero();
    private final DomainManagerImpl manager = new DomainManagerImpl(hv, daemon);
    private Path kernel;

    @BeforeEach void makeKernel() throws IOException { kernel = Files.write(dir.resolve("vmlinux"), TestKernel.linux().elf()); }

    @AfterEach void close() {
        manager.close();
        hv.memory.close();
    }

    private DomainSpec spec(String name) { return DomainSpec.simple(name, kernel, null, "", 12, 2, null); }

    @Test void aDomainFindsItsNodesInXenstore() {
        ManagedDomain d = manager.create(spec("web"), true);
        String home = "/local/domain/" + d.domid();
        assertThat(store.read(home + "/name")).contains("web");
        assertThat(store.read(home + "/domid")).contains("1");
        assertThat(store.read(home + "/memory/target")).contains("12288");
        assertThat(store.read(home + "/cpu/1/availability")).contains("online");
        assertThat(store.read(home + "/vm")).contains("/vm/" + d.spec().uuid());
        assertThat(store.permissions(home + "/name")).containsExactly("n0", "r1");
        assertThat(store.permissions(home + "/control/shutdown")).containsExactly("n1");
        assertThat(hv.calls).doesNotContain("unpause 1");
    }

    @Test void nothingIsLeftOfADestroyedDomain() {
        ManagedDomain d = manager.create(spec("web"), false);
        manager.destroy(d);
        assertThat(store.list("/local/domain")).containsExactly("0");
        assertThat(store.list("/vm")).isEmpty();
        assertThat(manager.list()).isEmpty();
        assertThat(hv.domains).isEmpty();
        assertThat(hv.onEvent).isEmpty();
        assertThat(d.ended()).isCompleted();
        assertThat(d.stats()).hasSize(1);
        assertThat(hv.calls).containsSubsequence("unmap 1", "unmap 0", "destroy 1");
    }

    @Test void aNameIsTakenOnce() {
        manager.create(spec("web"), true);
        assertThatThrownBy(() -> manager.create(spec("web"), true)).isInstanceOf(ToolstackException.class).hasMessageContaining("web");
        assertThat(manager.find("web")).isPresent();
        assertThat(manager.find("1")).isPresent();
        assertThat(manager.find("2")).isEmpty();
    }

    @Test void aRebootMakesANewDomainBehindTheSameHandle() throws Exception {
        ManagedDomain d = manager.create(spec("web"), false);
        CountDownLatch started = new CountDownLatch(1);
        hv.onUnpause = started::countDown;
        hv.guestShutsDown(1, ShutdownReason.REBOOT);
        assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(d.domid()).isEqualTo(2);
        assertThat(d.ended()).isNotDone();
        hv.guestShutsDown(2, ShutdownReason.POWEROFF);
        assertThat(d.ended().get(10, TimeUnit.SECONDS).reason()).isEqualTo(ShutdownReason.POWEROFF);
        assertThat(d.stats()).hasSize(2);
    }

    @Test void shutdownAndRebootAreAskedThroughXenstore() {
        ManagedDomain d = manager.create(spec("web"), true);
        manager.shutdown(d);
        assertThat(store.read("/local/domain/1/control/shutdown")).contains("poweroff");
        manager.reboot(d);
        assertThat(store.read("/local/domain/1/control/shutdown")).contains("reboot");
    }

    @Test void aBadKernelLeavesNoDomain() throws IOException {
        Files.write(kernel, new byte[100]);
        assertThatThrownBy(() -> manager.create(spec("web"), true)).isInstanceOf(ToolstackException.class);
        assertThat(hv.domains).isEmpty();
        assertThat(manager.list()).isEmpty();
    }
}
