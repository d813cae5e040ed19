package xen.shell.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.domain.ShutdownReason;
import xen.toolstack.api.ManagedDomain;

class ConsoleCommandsTest extends GogoTest {
	@Test
	void awaitFindsWhatWasPrintedBeforeAndGoesOnBehindIt() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		d.print("boot\r\nready 1\r\nready 2\r\n");
		assertThat(type("await g ready; await g ready")).isEqualTo("ready 1\nready 2\n");
		refused(CliCommand.LIMIT, "await g ready 0", "no line matched 'ready' in 0 s");
	}

	@Test
	void aPromptNeedsNoEndOfLineAndItsControlSequencesDoNotCount() throws Exception {
		domain("g").print("~ # \u001b[6n");
		assertThat(type("await g '# $'")).isEqualTo("~ # \n");
	}

	@Test
	void anAnswerIsLookedForBehindWhatWasTyped() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		d.print("~ # ");
		d.answer = typed -> typed.equals("id\r") ? "uid=0\r\n~ # " : "";
		assertThat(type("send g id; await g '^uid'; await g '# $'")).isEqualTo("uid=0\n~ # \n");
		type("send -n g x");
		assertThat(d.typed).hasToString("id\rx");
	}

	@Test
	void awaitEndsWithADomainThatCrashes() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		d.print("last words\n");
		d.ended.complete(new ManagedDomain.End(ShutdownReason.CRASH, "RIP ffffffff81000010", 0));
		refused(CliCommand.CRASHED, "await g ready", "ended (crash)", "last words", "RIP ffffffff81000010");
	}

	@Test
	void aBadExpressionIsRefused() throws Exception {
		domain("g");
		refused(CliCommand.USAGE, "await g '('", "is no regular expression");
		refused(CliCommand.USAGE, "await g x soon", "a number of seconds is expected");
	}

	@Test
	void theConsoleShowsTheLogThenStreamsUntilTheDomainEnds() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		d.print("before\n");
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		new ConsoleSession(d, new Keys(), new PrintStream(out, true)).run(() -> {
			d.print("after\n");
			d.ended.complete(new ManagedDomain.End(ShutdownReason.POWEROFF, "", 0));
		});
		assertThat(out).hasToString("before\nafter\n");
		assertThat(d.listeners).isEmpty();
	}

	@Test
	void ctrlBracketDetachesAndTheDomainGoesOn() throws Exception {
		FakeManager.FakeManaged d = domain("g");
		new ConsoleSession(d, new Keys("ls\r", "x\u001dnot this"), new PrintStream(new ByteArrayOutputStream())).run(() -> {});
		assertThat(d.typed).hasToString("ls\rx");
		assertThat(d.ended).isNotDone();
	}

	@Test
	void questionsForTheCursorDoNotReachTheUsersTerminal() {
		QueryFilter f = new QueryFilter();
		assertThat(new String(f.pass("~ # \u001b[6n\u001b[1mbold\u001b\u001b[".getBytes()))).isEqualTo("~ # \u001b[1mbold\u001b");
		assertThat(new String(f.pass("6nls".getBytes()))).isEqualTo("ls");
	}

	private void refused(int status, String program, String... words) {
		assertThatThrownBy(() -> type(program)).isInstanceOf(CommandFailure.class).hasMessageContainingAll(words)
				.extracting(e -> ((CommandFailure) e).status()).isEqualTo(status);
	}

	/** Types these, then nothing. */
	private static final class Keys implements Keyboard {
		private final Queue<String> typed = new ArrayDeque<>();

		Keys(String... typed) {
			this.typed.addAll(java.util.List.of(typed));
		}

		@Override
		public byte[] read() throws InterruptedException {
			if (typed.isEmpty()) {
				new java.util.concurrent.CountDownLatch(1).await();
			}
			return typed.remove().getBytes(java.nio.charset.StandardCharsets.UTF_8);
		}

		@Override
		public boolean raw() {
			return false;
		}
	}
}
