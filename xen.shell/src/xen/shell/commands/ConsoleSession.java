package xen.shell.commands;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import xen.toolstack.api.ManagedDomain;

/**
 * A user at a domain's console: first what was printed before, then what comes, until the domain has ended or the user types Ctrl-].
 * Output comes on the timeline and is queued; the session's thread writes it; a thread of its own reads the keys.
 */
final class ConsoleSession {
	/** Ctrl-], as xl console has it. */
	static final int DETACH = 0x1d;
	private static final byte[] END = {};

	private final ManagedDomain domain;
	private final Keyboard keys;
	private final PrintStream out;
	private final LinkedBlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
	private volatile boolean over;
	private volatile boolean detached;

	ConsoleSession(ManagedDomain domain, Keyboard keys, PrintStream out) {
		this.domain = domain;
		this.keys = keys;
		this.out = out;
	}

	/** @param attached runs once nothing can be missed any more */
	void run(Runnable attached) throws Exception {
		if (keys.raw()) out.println("(Ctrl-] leaves the console)");
		Thread typing = Thread.ofPlatform().daemon().name("console-keys").unstarted(this::type);
		try (AutoCloseable listening = domain.attachWithLog(this::accept)) {
			attached.run();
			domain.ended().whenComplete((e, left) -> end(left));
			typing.start();
			QueryFilter filter = new QueryFilter();
			for (byte[] raw; (raw = queue.take()) != END;) {
				byte[] text = keys.raw() ? filter.pass(raw) : raw;
				out.write(text, 0, text.length);
				if (queue.isEmpty()) out.flush();
			}
			out.flush();
		} finally {
			over = true;
			typing.interrupt();
			typing.join(1000);
		}
		if (detached && keys.raw()) out.println();
	}

	/** @param left why the tool stack let go of the domain; null when the domain ended */
	private void end(Throwable left) {
		if (left != null) queue.add((left.getMessage() + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
		queue.add(END);
	}

	private void accept(byte[] text) {
		if (text.length > 0) queue.add(text);
	}

	private void type() {
		try {
			while (!over) {
				byte[] data = keys.read();
				int end = 0;
				while (end < data.length && data[end] != DETACH) {
					end++;
				}
				if (end > 0) domain.input(Arrays.copyOf(data, end));
				if (end < data.length) {
					detached = true;
					queue.add(END);
					return;
				}
			}
		} catch (IOException e) {
			// no more input; the guest goes on
		} catch (InterruptedException e) {
			// over
		}
	}
}
