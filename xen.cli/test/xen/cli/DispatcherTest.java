package xen.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.cli.EarlyCommand;
import xen.kernel.api.cli.Startup;

class DispatcherTest {
	private final ByteArrayOutputStream out = new ByteArrayOutputStream();
	private final ByteArrayOutputStream err = new ByteArrayOutputStream();
	private int completions;
	private final CliIo io = new CliIo(InputStream.nullInputStream(), new PrintStream(out, true), new PrintStream(err, true));

	@Test
	void theCommandGetsTheArgumentsAfterItsNameAndItsStatusIsTheProcesss() throws Exception {
		assertThat(dispatcher("echo", (args, io) -> {
			io.out().print(args);
			return 4;
		}).run("echo", "a", "--b")).isEqualTo(4);
		assertThat(out).hasToString("[a, --b]");
	}

	@Test
	void anUnknownCommandIsAUsageErrorThatListsWhatExists() throws Exception {
		assertThat(dispatcher("boot", (args, io) -> 0).run("bot")).isEqualTo(CliCommand.USAGE);
		assertThat(err.toString()).contains("no command 'bot'").contains("boot").contains("a test");
	}

	@Test
	void anExceptionIsOneLineWithoutAStackTrace() throws Exception {
		assertThat(dispatcher("boot", (args, io) -> { throw new java.io.IOException("vmlinuz: no such file"); }).run("boot")).isEqualTo(CliCommand.FAILED);
		assertThat(err.toString()).contains("xen boot: vmlinuz: no such file").doesNotContain("\tat ");
	}

	@Test
	void aCommandFailureCarriesItsStatus() throws Exception {
		assertThat(dispatcher("boot", (args, io) -> { throw new CommandFailure(2, "not an ELF"); }).run("boot")).isEqualTo(2);
		assertThat(err.toString()).isEqualTo("xen boot: not an ELF" + System.lineSeparator());
	}

	@Test
	void aCommandThatIsNotReadySaysWhatItLacks() throws Exception {
		CommandSource waiting = new FakeSource(Map.of(), new CommandSource.Waiting("Boot has no Machine"));
		assertThat(new Dispatcher(waiting, io, false, Startup.WHOLE).run("boot")).isEqualTo(CliCommand.FAILED);
		assertThat(err.toString()).contains("not ready: Boot has no Machine");
	}

	@Test
	void anOrdinaryCommandRunsWhenEverythingIsStarted() throws Exception {
		int[] before = {-1};
		dispatcher("echo", (args, io) -> before[0] = completions).run("echo");
		assertThat(before[0]).isEqualTo(1);
	}

	@Test
	void anEarlyCommandRunsBeforeTheRestAndAsksForItWhenItNeedsIt() throws Exception {
		assertThat(early(false).run("boot", "vmlinuz")).isEqualTo(3);
		assertThat(out).hasToString("[vmlinuz]");
		assertThat(completions).isZero();
		early(true).run("boot");
		assertThat(completions).isEqualTo(1);
	}

	@Test
	void commandsOfBundlesThatAreNotStartedYetAreListedToo() throws Exception {
		early(false).run("commands");
		early(false).run();
		assertThat(completions).isEqualTo(2);
	}

	private Dispatcher early(boolean wantsAll) {
		return new Dispatcher(new FakeSource(Map.of("boot", new Early(wantsAll)), new CommandSource.Unknown()), io, false, () -> completions++);
	}

	private interface Body { int run(List<String> args, CliIo io) throws Exception; }

	private Dispatcher dispatcher(String name, Body body) {
		CliCommand command = new CliCommand() {
			@Override
			public String summary() {
				return "a test";
			}

			@Override
			public int run(List<String> args, CliIo io) throws Exception {
				return body.run(args, io);
			}
		};
		return new Dispatcher(new FakeSource(Map.of(name, command), new CommandSource.Unknown()), io, false, () -> completions++);
	}

	private static final class Early implements EarlyCommand {
		private final boolean wantsAll;

		Early(boolean wantsAll) { this.wantsAll = wantsAll; }

		@Override
		public String summary() { return "an early one"; }

		@Override
		public int run(List<String> args, CliIo io, Startup rest) {
			io.out().print(args);
			if (wantsAll) rest.complete();
			return 3;
		}
	}

	private record FakeSource(Map<String, CliCommand> commands, Found otherwise) implements CommandSource {
		@Override
		public Found find(String name) {
			return commands.containsKey(name) ? new Ready(commands.get(name)) : otherwise;
		}

		@Override
		public Optional<CliCommand> now(String name) { return Optional.ofNullable(commands.get(name)); }

		@Override
		public SortedMap<String, String> summaries() {
			SortedMap<String, String> all = new TreeMap<>();
			commands.forEach((n, c) -> all.put(n, c.summary()));
			return all;
		}
	}
}
