package xen.shell.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.ManagedDomain;

class DomainCommandsTest extends GogoTest {
	@Test
	void theFirstDomainSwitchesTheMachineOnAsConfigured() throws Exception {
		type("create a.cfg; create b.cfg");
		assertThat(hypervisor.calls).containsOnlyOnce("powerOn").contains("unpause 1", "unpause 2");
		assertThat(hypervisor.config().orElseThrow().memoryBytes()).isEqualTo(2048L << 20);
		assertThat(hypervisor.config().orElseThrow().timeMode()).isEqualTo(TimeMode.VIRTUAL);
	}

	@Test
	void listHasXlsColumns() throws Exception {
		FakeManager.FakeManaged d = domain("guest");
		d.fake().vcpus.getFirst().runState = RunState.RUNNING;
		d.fake().vcpus.getFirst().cpuNanos = 1_260_000_000L;
		assertThat(type("list")).startsWith("Name                                        ID   Mem VCPUs\tState\tTime(s)\nDomain-0 ");
		assertThat(type("list guest")).endsWith("guest                                        1     4     2     r-----       1.3\n");
	}

	@Test
	void statesAreXlsLetters() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		assertThat(type("list g")).contains("-b----");
		assertThat(type("pause g; list 1")).contains("--p---");
		hypervisor.guestShutsDown(1, ShutdownReason.CRASH);
		assertThat(type("list g")).contains("---sc-");
	}

	@Test
	void aPausedDomainIsNotStarted() throws Exception {
		type("create -p g.cfg");
		assertThat(hypervisor.calls).doesNotContain("unpause 1");
	}

	@Test
	void anUnknownDomainIsRefusedWithThoseThereAre() throws Exception {
		refused(CliCommand.FAILED, "destroy g", "there is no domain 'g'", "xen:create");
		domain("a");
		refused(CliCommand.FAILED, "destroy g", "there are a (1)");
	}

	@Test
	void aBadFileKeepsTheMachineOff() throws Exception {
		refused(CliCommand.USAGE, "create missing.cfg", "missing.cfg: no such file");
		assertThat(hypervisor.config()).isEmpty();
	}

	@Test
	void warningsOfAConfigurationAreShown() throws Exception {
		assertThat(type("create odd.cfg")).contains("warning: odd.cfg: unknown key colour");
	}

	@Test
	void wrongArgumentsShowTheUsage() {
		refused(CliCommand.USAGE, "create", "usage: xen:create [-c] [-p] FILE");
		refused(CliCommand.USAGE, "pause a b", "usage: xen:pause DOMAIN");
	}

	@Test
	void shutdownAsksAndWaitsOnlyIfToldTo() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		type("shutdown g; reboot g");
		assertThat(manager.asked).containsExactly("shutdown 1", "reboot 1");
		refused(CliCommand.LIMIT, "shutdown -w -t 0 g", "did not power off in 0 s");
		d.ended.complete(new ManagedDomain.End(ShutdownReason.POWEROFF, "", 0));
		refused(CliCommand.FAILED, "shutdown -w g", "has ended already");
	}

	@Test
	void aPausedDomainIsNotAskedToShutDown() throws Exception {
		domain("g");
		refused(CliCommand.FAILED, "pause g; shutdown g", "xen:unpause g first");
	}

	@Test
	void uptimeIsMachineTime() throws Exception {
		domain("g");
		assertThat(type("uptime g")).endsWith("g                                    1 0 days,  0:00:40\n");
	}

	@Test
	void commandsThatNeedTheMachineSayThatItIsOff() {
		refused(CliCommand.FAILED, "vcpu-pin g 0 all", "there is no domain");
		refused(CliCommand.FAILED, "swap scheduler rr", "the machine is off");
	}

	private void refused(int status, String program, String... words) {
		assertThatThrownBy(() -> type(program)).isInstanceOf(CommandFailure.class).hasMessageContainingAll(words)
				.extracting(e -> ((CommandFailure) e).status()).isEqualTo(status);
	}
}
