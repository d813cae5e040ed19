package xen.toolstack.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.kernel.testing.FakeHypervisor;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.EndAction;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.builder.DomainBuilder;
import xen.toolstack.store.StoreDaemon;
import xen.toolstack.testing.TestKernel;

/** A tool stack goes, another comes, and the domains in between go on as if nothing had been. */
class HandOverTest {
    @TempDir Path dir;
    private final FakeHypervisor hv = new FakeHypervisor(64 << 20);
    private StoreDaemon daemon;
    private DomainManagerImpl manager;
    private Path kernel;

    @BeforeEach void on() throws IOException {
        kernel = Files.write(dir.resolve("vmlinux"), TestKernel.linux().elf());
        hv.powerOn(new MachineConfig(64 << 20, new Topology(1, 2, 1), TimeMode.VIRTUAL, null, null, MachineConfig.DEFAULT_HZ));
        come();
    }

    @AfterEach void off() { hv.memory.close(); }

    private void come() {
        daemon = new StoreDaemon(hv);
        manager = new DomainManagerImpl(hv, daemon);
    }

    private void go() {
        manager.close();
        daemon.close();
    }

    private DomainSpec spec(String name) { return DomainSpec.simple(name, kernel, null, "say=a\\nb quiet", 12, 2, null); }

    private ManagedDomain found(String name) { return manager.find(name).orElseThrow(); }

    private long console(ManagedDomain d) { return hv.memory.address(hv.domains.get(d.domid()).grants.get(DomainBuilder.GRANT_CONSOLE)); }

    /** As the guest does it: the text into the ring; who hears the event, if anybody, is told. */
    private void guestPrints(ManagedDomain d, String text) {
        long page = console(d);
        int prod = Raw.get32(page + 3084);
        for (int i = 0; i < text.length(); i++) {
            Raw.put8(page + 1024 + (prod + i & 2047), text.charAt(i));
        }
        Raw.put32(page + 3084, prod + text.length());
        hv.onEvent.values().forEach(Runnable::run);
    }

    private String guestReads(ManagedDomain d) {
        long page = console(d);
        StringBuilder s = new StringBuilder();
        for (int i = Raw.get32(page + 3072); i != Raw.get32(page + 3076); i++) {
            s.append((char) Raw.get8(page + (i & 1023)));
        }
        Raw.put32(page + 3072, Raw.get32(page + 3076));
        return s.toString();
    }

    @Test void theDomainsAreTheSameAndNobodyTouchedThem() {
        DomainSpec spec = spec("web");
        int domid = manager.create(spec, false).domid();
        hv.calls.clear();
        hv.nanos += 5_000_000_000L;
        go();
        hv.nanos += 7_000_000_000L;
        come();
        assertThat(found("web").domid()).isEqualTo(domid);
        assertThat(found("web").spec()).isEqualTo(spec);
        assertThat(found("web").startedNanos()).isEqualTo(42_000_000_000L);
        assertThat(hv.calls).containsExactlyInAnyOrder("unmap 0", "unmap 1");
    }

    @Test void eachByteOfTheConsoleIsThereOnce() {
        ManagedDomain d = manager.create(spec("web"), false);
        d.input(new byte[1020]);
        d.input("typed before".getBytes(StandardCharsets.US_ASCII));
        guestPrints(d, "before ");
        go();
        guestPrints(d, "between ");
        come();
        guestPrints(found("web"), "after");
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        found("web").attachWithLog(heard::writeBytes);
        guestPrints(found("web"), "!");
        assertThat(heard).hasToString("before between after!");
        String read = guestReads(found("web"));
        hv.onEvent.values().forEach(Runnable::run);
        assertThat(read + guestReads(found("web"))).isEqualTo("\0".repeat(1020) + "typed before");
    }

    @Test void theStoreIsTheSame() {
        ManagedDomain d = manager.create(spec("web"), false);
        String home = "/local/domain/" + d.domid();
        daemon.domainZero().write(home + "/data/deep/er", "\u00e9");
        daemon.domainZero().setPermissions(home + "/data/deep", "n" + d.domid(), "r7");
        go();
        come();
        assertThat(daemon.domainZero().read(home + "/data/deep/er")).contains("\u00e9");
        assertThat(daemon.domainZero().permissions(home + "/data/deep")).containsExactly("n" + d.domid(), "r7");
        assertThat(daemon.domainZero().list("/local/domain")).containsExactly("0", Integer.toString(d.domid()));
    }

    @Test void whoWaitsForTheEndIsTold() {
        ManagedDomain d = manager.create(spec("web"), false);
        go();
        assertThat(d.ended()).isCompletedExceptionally();
        assertThat(d.ended().exceptionNow()).hasMessageContaining("web goes on");
    }

    @Test void aDomainThatEndedInBetweenIsDoneWithAsItWishes() throws Exception {
        manager.create(spec("web"), false);
        go();
        hv.guestShutsDown(1, ShutdownReason.POWEROFF);
        come();
        for (ManagedDomain d : manager.list()) {
            assertThat(d.ended().get(10, TimeUnit.SECONDS).reason()).isEqualTo(ShutdownReason.POWEROFF);
        }
        assertThat(hv.domains).isEmpty();
    }

    @Test void aPreservedDomainStaysPreserved() throws Exception {
        DomainSpec s = spec("web");
        ManagedDomain d = manager.create(new DomainSpec(s.name(), s.uuid(), s.kernel(), null, "", 12, 12, 1, 1, s.onPoweroff(), s.onReboot(), EndAction.PRESERVE, 300, 0,
                s.cpus(), s.disks(), s.nics(), null, null), false);
        hv.guestShutsDown(d.domid(), ShutdownReason.CRASH);
        d.ended().get(10, TimeUnit.SECONDS);
        go();
        come();
        assertThat(found("web").ended().getNow(null).report()).isEqualTo("it fell over");
        assertThat(hv.domains).hasSize(1);
    }

    @Test void aDomainThatWentInBetweenLeavesNoNodes() {
        ManagedDomain d = manager.create(spec("web"), false);
        go();
        hv.destroy(d.domid());
        come();
        assertThat(manager.list()).isEmpty();
        assertThat(daemon.domainZero().list("/local/domain")).containsExactly("0");
    }

    @Test void whatAnotherVersionLeftIsKeptForIt() {
        manager.create(spec("web"), false);
        go();
        byte[] foreign = hv.claim("domains").orElseThrow();
        foreign[3] = 99;
        hv.keep("domains", foreign);
        come();
        assertThat(manager.list()).isEmpty();
        go();
        assertThat(hv.claim("domains")).contains(foreign);
    }

    @Test void withTheMachineOffNothingIsLeft() {
        hv.powerOff();
        go();
        assertThat(hv.claim("domains")).isEmpty();
        assertThat(hv.claim("xenstore")).isEmpty();
    }
}
