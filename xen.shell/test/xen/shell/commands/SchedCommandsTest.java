package xen.shell.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.domain.RunState;

class SchedCommandsTest extends GogoTest {
	@Test
	void vcpusAreListedAsXlDoes() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		d.fake().vcpus.getFirst().lastPcpu = 3;
		d.fake().vcpus.getFirst().runState = RunState.RUNNING;
		d.fake().vcpus.getLast().runState = RunState.OFFLINE;
		assertThat(type("vcpu-list g")).contains("g                                    1     0     3   r--        0.0  all / all\n",
				"g                                    1     1     -   --p        0.0  all / all\n");
	}

	@Test
	void pinningShowsInTheList() throws Exception {
		domain("g");
		assertThat(type("vcpu-pin g all 0-1,3; vcpu-pin g 1 2; vcpu-list")).contains("0-1,3 / all").contains("2 / all");
		assertThat(type("vcpu-pin g all all; vcpu-list")).doesNotContain("2 / all");
	}

	@Test
	void badPinsNameWhatThereIs() throws Exception {
		domain("g");
		refused("vcpu-pin g 0 4", "pCPUs 0 to 3");
		refused("vcpu-pin g 2 0", "there are 0 to 1");
	}

	@Test
	void vcpusAreBroughtUpAndDownByTheirCount() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		assertThat(type("vcpu-set g 3")).isEmpty();
		assertThat(d.online).isEqualTo(3);
		refused("vcpu-set g many", "a number is expected");
	}

	@Test
	void weightAndCapAreSetOneAtATime() throws Exception {
		domain("g");
		assertThat(type("sched -d g -w 512; sched -d 1 -c 50; sched")).contains("Cpupool Pool-0: scheduler bypass\n").endsWith("g                                    1    512   50\n");
		refused("sched -w 512", "say -d DOMAIN");
		refused("sched -d g -w much", "a number is expected");
	}

	@Test
	void aSwapTellsThePauseAndIsSeenInTheList() throws Exception {
		domain("g");
		assertThat(type("swap scheduler rr")).isEqualTo("scheduler bypass -> rr: paused for 0.021 ms, 1 vCPUs handed over\n");
		assertThat(type("schedulers")).contains("* rr ", "  bypass ");
		assertThat(type("swap scheduler rr")).contains("in charge already");
		refused("swap disk x", "cannot be swapped");
		type("cpupool-cpu-remove 0 3; cpupool-create name=p sched=gang");
		assertThat(type("swap scheduler credit p")).startsWith("scheduler gang -> credit: ");
		assertThat(type("schedulers")).contains("* rr               xen.sched.rr 1.0.0                   Pool-0\n");
		refused("swap scheduler rr nosuch", "there is no CPU pool 'nosuch': there are Pool-0, p");
		assertThat(type("sched -p p")).startsWith("Cpupool p: scheduler credit\n");
	}

	@Test
	void parametersOfAPolicyAreShownAndSet() throws Exception {
		assertThat(type("sched-config rr slice.us=500; sched-config rr")).isEqualTo("Parameter             Value    Default  Meaning\nslice.us                500      10000  Slice\n");
		assertThat(type("sched-config credit")).isEqualTo("scheduler credit has no parameters\n");
		refused("sched-config rr slice.us", "KEY=VALUE is expected");
	}

	private void refused(String program, String words) {
		assertThatThrownBy(() -> type(program)).isInstanceOf(CommandFailure.class).hasMessageContaining(words);
	}
}
