package xen.shell.commands;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;

/** The terminal of Gogo's interactive shell, raw while a console has it, so that Ctrl-C and the like go to the guest. */
final class TerminalKeyboard implements Keyboard {
	private static final long WAIT_MILLIS = 100;

	private final Terminal terminal;
	private final Attributes before;

	TerminalKeyboard(Object terminal) {
		this.terminal = (Terminal) terminal;
		before = this.terminal.enterRawMode();
		Attributes raw = this.terminal.getAttributes();
		raw.setLocalFlag(Attributes.LocalFlag.ISIG, false);
		this.terminal.setAttributes(raw);
	}

	static boolean fits(Object terminal) {
		return terminal instanceof Terminal t && !t.getType().startsWith(Terminal.TYPE_DUMB);
	}

	@Override
	public byte[] read() throws IOException {
		int c = terminal.reader().read(WAIT_MILLIS);
		if (c < 0) return new byte[0];
		StringBuilder s = new StringBuilder().append((char) c);
		while (terminal.reader().available() > 0) {
			s.append((char) terminal.reader().read());
		}
		return s.toString().getBytes(StandardCharsets.UTF_8);
	}

	@Override
	public boolean raw() {
		return true;
	}

	@Override
	public void close() {
		terminal.setAttributes(before);
	}
}
