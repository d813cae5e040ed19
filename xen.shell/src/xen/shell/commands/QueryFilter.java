package xen.shell.commands;

import java.io.ByteArrayOutputStream;

/**
 * Takes the question for the cursor's place (ESC [ 6 n, which busybox's shell asks at each prompt) out of a console's output. The terminal's
 * answer may come when the user has left the console, and would then be typed into the shell. Guests do without it, as on a serial line.
 */
final class QueryFilter {
	private static final byte[] QUERY = {0x1b, '[', '6', 'n'};

	/** Bytes of the query that the text so far ends with; they wait for what comes next. */
	private int matched;

	byte[] pass(byte[] text) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(text.length + QUERY.length);
		for (byte b : text) {
			if (b != QUERY[matched]) {
				out.write(QUERY, 0, matched);
				matched = 0;
			}
			if (b != QUERY[matched]) {
				out.write(b);
			} else if (++matched == QUERY.length) {
				matched = 0;
			}
		}
		return out.toByteArray();
	}
}
