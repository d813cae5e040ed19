package xen.shell.commands;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.felix.service.command.CommandSession;

/** Where a console's input comes from. */
interface Keyboard extends AutoCloseable {
	/** What was typed within about a tenth of a second; empty when nothing was. */
	byte[] read() throws IOException, InterruptedException;

	/** True when a person types: each key comes as it is pressed. */
	boolean raw();

	@Override
	default void close() {}

	/** The session's terminal, or else its input as it is. */
	static Keyboard of(CommandSession session) {
		return session.get(".terminal") != null && TerminalKeyboard.fits(session.get(".terminal")) ? new TerminalKeyboard(session.get(".terminal"))
				: new Piped(session.getKeyboard());
	}

	/** A pipe or a file. Reads only what is there, so that the next command finds the rest. */
	record Piped(InputStream in) implements Keyboard {
		@Override
		public byte[] read() throws IOException, InterruptedException {
			int n = in.available();
			if (n == 0) {
				Thread.sleep(50);
				return new byte[0];
			}
			byte[] data = new byte[Math.min(n, 512)];
			return Arrays.copyOf(data, Math.max(0, in.read(data)));
		}

		@Override
		public boolean raw() {
			return false;
		}
	}
}
