package xen.shell.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import xen.kernel.api.cli.CommandFailure;

class PoolCommandsTest extends GogoTest {
	private static final String HEAD = "Name               CPUs   Sched     Active   Domain count\n";

	@Test
	void poolsAreListedAsXlDoes() throws Exception {
		domain("g");
		assertThat(type("cpupool-list")).isEqualTo(HEAD + "Pool-0               4    bypass       y          1\n");
		assertThat(type("cpupool-list -c")).isEqualTo("Name               CPU list\nPool-0             0-3\n");
	}

	@Test
	void aPoolIsMadeFilledAndEmptied() throws Exception {
		domain("g");
		assertThat(type("cpupool-cpu-remove Pool-0 2-3; cpupool-create name=batch sched=credit cpus=2"))
				.isEqualTo("cpupool name:   batch\nscheduler:      credit\nnumber of cpus: 1\n");
		assertThat(type("cpupool-cpu-add batch 3; cpupool-migrate g batch; cpupool-list"))
				.isEqualTo(HEAD + "Pool-0               2    bypass       y          0\nbatch                2    credit       y          1\n");
		refused("cpupool-destroy batch", "has domains");
		assertThat(type("cpupool-migrate g 0; cpupool-rename batch night; cpupool-list night")).contains("night  ");
		assertThat(type("cpupool-destroy night; cpupool-list")).doesNotContain("night");
	}

	@Test
	void withoutCpusTheFirstFreeOneIsTakenAndWithoutASchedulerPoolZeros() throws Exception {
		domain("g");
		refused("cpupool-create name=batch", "no pCPU is free");
		assertThat(type("cpupool-cpu-remove 0 1")).isEmpty();
		assertThat(type("cpupool-create name=batch; cpupool-list -c batch")).contains("scheduler:      bypass").endsWith("batch              1\n");
	}

	@Test
	void aFileDescribesAPool(@TempDir Path dir) throws Exception {
		domain("g");
		Path file = Files.writeString(dir.resolve("pool.cfg"), "# a pool\nname = \"batch\"\nsched = \"credit\"\ncpus = [\"2\", \"3\"]\n");
		assertThat(type("cpupool-cpu-remove 0 2,3; cpupool-create " + file + "; cpupool-list -c batch")).endsWith("batch              2-3\n");
	}

	@Test
	void whatIsWrongIsSaid() throws Exception {
		refused("cpupool-list", "the machine is off");
		domain("g");
		refused("cpupool-create sched=credit", "say name=NAME");
		refused("cpupool-create name=x colour=red", "expected name=, sched=, cpus= or nodes=");
		refused("cpupool-create name=x sched=nosuch cpus=1", "no scheduler named 'nosuch'");
		refused("cpupool-create name=x cpus=1", "is in a pool");
		assertThat(type("cpupool-list")).as("nothing is left of it").doesNotContain("\nx ");
		refused("cpupool-migrate g nosuch", "there is no CPU pool 'nosuch': there are Pool-0");
		refused("cpupool-cpu-add Pool-0 9", "pCPUs 0 to 3");
		refused("cpupool-cpu-add Pool-0 node:1", "nodes 0 to 0");
	}

	private void refused(String program, String words) {
		assertThatThrownBy(() -> type(program)).isInstanceOf(CommandFailure.class).hasMessageContaining(words);
	}
}
