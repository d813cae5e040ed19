package xen.shell.commands;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.domain.ShutdownReason;
import xen.toolstack.api.ManagedDomain;

/**
 * A script's place in a domain's console. Text comes on the timeline and waits here, of bounded size, until an {@link #await} has read it.
 * A line counts without its end too (a prompt has none), and without control characters. One lock guards all.
 */
final class ConsoleReader implements AutoCloseable {
	private static final int MOST = 1 << 20;
	private static final Pattern CONTROL = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f]");

	private final ReentrantLock lock = new ReentrantLock();
	private final Condition more = lock.newCondition();
	private final StringBuilder text = new StringBuilder();
	/** The last complete line that was read without a match. */
	private String last = "";
	private ManagedDomain.End end;
	/** Why the tool stack let go of the domain. */
	private Throwable left;
	private final AutoCloseable listening;

	ConsoleReader(ManagedDomain domain) {
		listening = domain.attachWithLog(this::accept);
		domain.ended().whenComplete(this::ended);
	}

	private void accept(byte[] bytes) {
		lock.lock();
		try {
			// Latin-1 keeps each byte: a character may be cut in two here
			text.append(new String(bytes, StandardCharsets.ISO_8859_1));
			if (text.length() > MOST) text.delete(0, text.length() - MOST / 2);
			more.signalAll();
		} finally {
			lock.unlock();
		}
	}

	private void ended(ManagedDomain.End e, Throwable failure) {
		lock.lock();
		try {
			end = e;
			left = failure;
			more.signalAll();
		} finally {
			lock.unlock();
		}
	}

	@Override
	public void close() throws Exception {
		listening.close();
	}

	/** The first line with a match, which is then read; CommandFailure at the limit or when the domain ends without it. */
	String await(Pattern pattern, long millis) throws InterruptedException {
		long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
		lock.lock();
		try {
			while (true) {
				String line = next(pattern);
				if (line != null) return line;
				if (end != null) throw gone(pattern);
				if (left != null) throw new CommandFailure(CliCommand.FAILED, left.getMessage());
				if (nanos <= 0) {
					throw new CommandFailure(CliCommand.LIMIT, "no line matched '" + pattern + "' in " + millis / 1000 + " s; the last one is: " + last());
				}
				nanos = more.awaitNanos(nanos);
			}
		} finally {
			lock.unlock();
		}
	}

	/** What was printed before an answer was typed is no answer to it. */
	void skip() {
		lock.lock();
		try {
			text.setLength(0);
		} finally {
			lock.unlock();
		}
	}

	/** Reads lines up to a match; complete ones without a match are done with. */
	private String next(Pattern pattern) {
		while (true) {
			int newline = text.indexOf("\n");
			int lineEnd = newline < 0 ? text.length() : newline;
			String line = decoded(text.substring(0, lineEnd));
			Matcher m = pattern.matcher(line);
			if (m.find()) {
				text.delete(0, Math.min(text.length(), lineEnd + 1));
				return line;
			}
			if (newline < 0) return null;
			last = line;
			text.delete(0, newline + 1);
		}
	}

	private String last() {
		return text.isEmpty() ? last : decoded(text.toString());
	}

	private CommandFailure gone(Pattern pattern) {
		boolean crash = end.reason() == ShutdownReason.CRASH || end.reason() == ShutdownReason.WATCHDOG;
		String why = end.reason() == null ? "destroyed" : end.reason().name().toLowerCase(java.util.Locale.ROOT);
		return new CommandFailure(crash ? CliCommand.CRASHED : CliCommand.FAILED, "the domain ended (" + why + ") before a line matched '" + pattern
				+ "'; the last one is: " + last() + (end.report().isEmpty() ? "" : "\n" + end.report().stripTrailing()));
	}

	/** Without what only a terminal understands: a shell's prompt ends with a question about the cursor. */
	private static String decoded(String latin1) {
		return CONTROL.matcher(new String(latin1.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)).replaceAll("");
	}
}
