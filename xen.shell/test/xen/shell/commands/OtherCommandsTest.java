package xen.shell.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import xen.kernel.api.cli.CommandFailure;

/** Host, xenstore, debugging, help. */
class OtherCommandsTest extends GogoTest {
	@Test
	void infoDescribesTheMachineOrWhatItWouldBe() throws Exception {
		assertThat(type("info")).startsWith("The machine is off").containsPattern("topology +: 1x4x1");
		domain("g");
		assertThat(type("info")).containsPattern("nr_cpus +: 4").containsPattern("total_memory +: 2048").containsPattern("xen_scheduler +: bypass");
	}

	@Test
	void theMachineIsSwitchedOffOnlyWhenItIsEmpty() throws Exception {
		domain("g");
		refused("machine off", "1 domain is there");
		refused("machine memory=512", "the machine is on");
		type("destroy g; machine off");
		assertThat(hypervisor.config()).isEmpty();
	}

	@Test
	void badSettingsAreNamed() {
		refused("machine memory=1", "64 to 1048576 MiB");
		refused("machine topology=2", "SOCKETSxCORESxTHREADS");
		refused("machine colour=red", "is no setting");
		refused("machine time=slow", "auto, virtual and real");
	}

	@Test
	void ratesComeFromTwoSamples() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		Sample before = Sample.of(manager.list(), 0, 0);
		d.fake().vcpus.getFirst().cpuNanos = 500_000_000L;
		d.fake().vcpus.getFirst().context().put64(xen.kernel.api.hw.VcpuContext.RETIRED, 200_000_000L);
		Sample after = Sample.of(manager.list(), 2_000_000_000L, 1_000_000_000L);
		assertThat(new HostCommands(hypervisor, manager, power).rates(before, after)).contains("2.00 s of host time, 1.00 s of machine time")
				.containsPattern("g +1 -b---- +0\\.5 +50\\.0 +0 +0 +4 +100\\.0");
	}

	@Test
	void theStoreIsListedAsATreeAndGuestsTextIsHarmless() throws Exception {
		store.nodes.putAll(java.util.Map.of("/a", "1", "/a/b", "x\u001b[2J\n", "/c", "\\"));
		assertThat(type("store-ls")).isEqualTo("a = \"1\"\n b = \"x\\x1b[2J\\n\"\nc = \"\\\\\"\n");
		assertThat(type("store-ls -f -p /a")).isEqualTo("/a/b = \"x\\x1b[2J\\n\"   (n0,r1)\n");
		assertThat(type("store-write /a/d 5; store-read /a/d; store-rm /a; store-ls")).isEqualTo("5\nc = \"\\\\\"\n");
		refused("store-read /a", "there is no node /a");
		refused("store-read a", "not absolute");
	}

	@Test
	void aTraceIsSwitchedOnAndOff() throws Exception {
		assertThat(type("trace")).isEqualTo("no trace is on\n");
		type("trace on -k exits,blocks /tmp/t");
		assertThat(tracer.kinds).containsExactly("exits", "blocks");
		assertThat(type("trace; trace off")).isEqualTo("a trace is being written to /tmp/t\n7 lines written to /tmp/t\n");
		refused("trace off", "no trace is on");
		refused("trace maybe", "on FILE, off or nothing");
	}

	@Test
	void symbolsAndCountersOfADomain() throws Exception {
		domain("g");
		assertThat(type("symbol 0xffffffff81000010 g")).isEqualTo("_text+0x10\n");
		refused("symbol 1000 g", "no symbol");
		refused("symbol start g", "hexadecimal");
		assertThat(type("counters g")).containsPattern("exit.syscall +3\n").containsPattern("vcpu.1.instructions +0\n");
	}

	@Test
	void helpListsAndExplains() throws Exception {
		String all = type("help");
		assertThat(all).containsPattern("(?m)^  vcpu-pin +sets the pCPUs").contains("  create ");
		assertThat(all.lines().filter(l -> l.startsWith("  ")).allMatch(l -> l.matches(" {2}[a-z-]+ +\\S.*"))).isTrue();
		assertThat(column(all, "sets the pCPUs")).isEqualTo(column(all, "makes a domain of an xl.cfg"));
		assertThat(type("help create")).startsWith("usage: xen:create [-c] [-p] FILE\n").contains("-c                     attach to its console");
		assertThat(type("help xen:sched")).contains("[-w WEIGHT]").contains("1 to 65535");
		refused("help nothing", "there is no command xen:nothing");
	}

	private static int column(String text, String summary) { return text.indexOf(summary) - text.lastIndexOf('\n', text.indexOf(summary)); }

	@Test
	void everyCommandOfAGroupIsNamedByItsComponent() throws Exception {
		java.util.Map<Class<?>, Object> groups = java.util.Map.of(DomainComponent.class, new DomainCommands(null, null, null), ConsoleComponent.class, new ConsoleCommands(null),
				SchedComponent.class, new SchedCommands(null, null, null, null), HostComponent.class, new HostCommands(null, null, null), StoreComponent.class,
				new StoreCommands(null), DebugComponent.class, new DebugCommands(null, null), HelpComponent.class, new HelpCommands(null));
		for (var e : groups.entrySet()) {
			// DS annotations are kept in the class file only
			String bytes = new String(e.getKey().getResourceAsStream(e.getKey().getSimpleName() + ".class").readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
			Help.of(e.getValue()).forEach(h -> assertThat(bytes).contains("osgi.command.function=" + h.name()));
		}
	}

	private void refused(String program, String words) {
		assertThatThrownBy(() -> type(program)).isInstanceOf(CommandFailure.class).hasMessageContaining(words);
	}
}
