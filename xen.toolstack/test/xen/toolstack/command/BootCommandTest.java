package xen.toolstack.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.Startup;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hw.Raw;
import xen.kernel.testing.FakeHypervisor;
import xen.toolstack.domain.DomainManagerImpl;
import xen.toolstack.store.StoreDaemon;
import xen.toolstack.testing.TestKernel;

class BootCommandTest {
    @TempDir Path dir;
    private final FakeHypervisor hv = new FakeHypervisor(64 << 20);
    private final DomainManagerImpl manager = new DomainManagerImpl(hv, new StoreDaemon(hv));
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path kernel;

    @BeforeEach void makeKernel() throws IOException { kernel = Files.write(dir.resolve("vmlinux"), TestKernel.linux().elf()); }

    @AfterEach void close() {
        manager.close();
        hv.memory.close();
    }

    private CliIo io() { return new CliIo(new ByteArrayInputStream(new byte[0]), new PrintStream(out, true), new PrintStream(err, true)); }

    private int boot(String... more) {
        List<String> args = new ArrayList<>(List.of("--memory", "12"));
        args.addAll(List.of(more));
        return new BootCommand(new GuestSessions(hv, manager, null)).run(args, io(), Startup.WHOLE);
    }

    private String said() { return err.toString(StandardCharsets.UTF_8); }

    /** What the guest does when it is unpaused, then it ends. */
    private void guest(String prints, ShutdownReason ends) {
        hv.onUnpause = () -> {
            int domid = hv.domains.keySet().stream().max(Integer::compare).orElseThrow();
            long page = hv.memory.address(hv.domains.get(domid).grants.get(0));
            byte[] text = prints.getBytes(StandardCharsets.US_ASCII);
            Raw.put(page + 1024, text, 0, text.length);
            Raw.put32(page + 3084, text.length);
            int consolePort = hv.onEvent.keySet().stream().max(Integer::compare).orElseThrow();
            hv.guestNotifies(consolePort);
            if (ends != null) {
                hv.guestShutsDown(domid, ends);
            }
        };
    }

    private void refused(int status, String message) {
        assertThat(said()).startsWith("xen: ").contains(message).doesNotContain("\tat ");
        assertThat(said().lines()).hasSize(1);
        assertThat(hv.calls).doesNotContain("powerOn");
    }

    @Test void aGuestThatPowersOffGivesStatus0AndItsConsole() {
        guest("hello\n", ShutdownReason.POWEROFF);
        assertThat(boot(kernel.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("hello\n");
        assertThat(said()).isEmpty();
        assertThat(hv.calls).containsSubsequence("powerOn", "unpause 1", "destroy 1", "powerOff");
    }

    @Test void aCrashGivesStatus3AndTheReport() {
        guest("", ShutdownReason.CRASH);
        assertThat(boot(kernel.toString())).isEqualTo(3);
        assertThat(said()).contains("the guest crashed").contains("it fell over");
    }

    @Test void aMatchGivesStatus0() {
        guest("booting\nlogin: ", null);
        assertThat(boot(kernel.toString(), "--until", "login:")).isZero();
    }

    @Test void theLimitGivesStatus4() {
        guest("", null);
        assertThat(boot(kernel.toString(), "--timeout", "0.05")).isEqualTo(4);
        assertThat(said()).contains("limit of 0.05 s");
    }

    @Test void aRebootBuildsTheDomainAgain() {
        guest("", ShutdownReason.REBOOT);
        Runnable once = hv.onUnpause;
        hv.onUnpause = () -> {
            guest("again\n", ShutdownReason.POWEROFF);
            once.run();
        };
        assertThat(boot(kernel.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("again");
        assertThat(hv.calls).containsSubsequence("unpause 1", "destroy 1", "unpause 2", "destroy 2");
    }

    @Test void statsAreWrittenAsJson() throws IOException {
        guest("", ShutdownReason.POWEROFF);
        Path stats = dir.resolve("s.json");
        boot(kernel.toString(), "--stats", stats.toString());
        assertThat(Files.readString(stats)).contains("\"end\": \"poweroff\"", "\"wall_s\":", "\"virtual_s\": 42.000000000", "\"instructions\": 0", "\"mips\":",
                "\"exits\": {\"syscall\": 3}", "\"upcalls\": 2", "\"vcpus\": [", "\"devices\": []");
    }

    @Test void aMissingKernelIsNamed() {
        assertThat(boot("/nowhere/vmlinuz")).isEqualTo(2);
        refused(2, "/nowhere/vmlinuz: no such file");
    }

    @Test void aMissingRamdiskIsNamed() {
        assertThat(boot(kernel.toString(), "--ramdisk", "/nowhere/initrd")).isEqualTo(2);
        refused(2, "/nowhere/initrd: no such file");
    }

    @Test void tooLittleMemoryIsSaid() {
        assertThat(boot(kernel.toString(), "--memory", "1")).isEqualTo(2);
    }

    @Test void unknownOptionsAreNamed() {
        assertThat(boot(kernel.toString(), "--colour")).isEqualTo(2);
        refused(2, "--colour");
    }

    @Test void noKernelAtAllIsUsage() {
        assertThat(new BootCommand(new GuestSessions(hv, manager, null)).run(List.of(), io(), Startup.WHOLE)).isEqualTo(2);
        refused(2, "KERNEL");
    }

    @Test void anEngineThatTheMachineDoesNotHaveIsNamedAndTheMachineIsOffAgain() {
        assertThat(boot(kernel.toString(), "--engine", "warp")).isEqualTo(2);
        assertThat(said()).startsWith("xen: ").contains("--engine warp").doesNotContain("\tat ");
        assertThat(hv.calls).containsSubsequence("powerOn", "powerOff");
    }

    @Test void badValuesOfOptionsAreNamed() {
        for (String[] bad : new String[][] {{"--time", "later"}, {"--until", "("}, {"--topology", "2x2"}, {"--timeout", "-1"},
                {"--disk", "x.img"}, {"--trace", "dreams"}, {"--vcpus", "0"}, {"--name", "a b"}, {"--vcpus", "many"}}) {
            err.reset();
            assertThat(boot(kernel.toString(), bad[0], bad[1])).as(bad[0]).isEqualTo(2);
            // what a domain's description refuses is named as in xl.cfg
            refused(2, List.of("--vcpus", "--name", "--disk").contains(bad[0]) ? bad[0].substring(2) : bad[0]);
        }
    }

    @Test void helpIsOnStandardOutput() {
        assertThat(new BootCommand(new GuestSessions(hv, manager, null)).run(List.of("--help"), io(), Startup.WHOLE)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("KERNEL", "--until", "Exit status");
    }

    @Test void aStackTraceComesOnlyWithDebug() {
        boot("/nowhere/vmlinuz", "--debug");
        assertThat(said()).contains("\tat ");
    }

    @Test void createReadsAConfigurationAndNamesUnknownKeys() throws IOException {
        Path cfg = Files.writeString(dir.resolve("g.cfg"), "name='g'\nkernel='" + kernel + "'\nmemory=12\nspice=1\nvif=['']\n");
        guest("hi\n", ShutdownReason.POWEROFF);
        assertThat(new CreateCommand(new GuestSessions(hv, manager, null)).run(List.of(cfg.toString()), io(), Startup.WHOLE)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("hi\n");
        assertThat(said()).contains("unknown key spice").contains("vif has no effect");
    }

    @Test void memoryHasUnits() {
        assertThat(SessionOptions.memoryMib("256")).isEqualTo(256);
        assertThat(SessionOptions.memoryMib("64M")).isEqualTo(64);
        assertThat(SessionOptions.memoryMib("2g")).isEqualTo(2048);
    }
}
