package xen.shell.commands;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ManagedDomain;

/** Consoles: for people, and for scripts that wait for a text and answer. */
public final class ConsoleCommands implements AutoCloseable {
	private static final int DEFAULT_SECONDS = 120;

	private final Domains domains;
	/** How far scripts have read; goes with the domain. */
	private final Map<ManagedDomain, ConsoleReader> readers = new WeakHashMap<>();

	ConsoleCommands(DomainManager manager) {
		domains = new Domains(manager);
	}

	@Descriptor("attaches to a domain's console: what it printed so far, then what it prints; Ctrl-] leaves it")
	public void console(CommandSession session, @Descriptor("DOMAIN: name or number") String domain) throws Exception {
		ManagedDomain d = domains.need(domain);
		try (Keyboard keys = Keyboard.of(session)) {
			new ConsoleSession(d, keys, System.out).run(() -> {});
		}
	}

	@Descriptor("waits until a line of a domain's console matches, and prints it; the next one goes on behind it")
	public String await(@Descriptor("DOMAIN: name or number") String domain, @Descriptor("REGEX: what to wait for") String regex,
			@Descriptor("SECONDS: the longest wait, 120 when left away") String... seconds) throws Exception {
		int limit = seconds.length == 0 ? DEFAULT_SECONDS : number(seconds);
		return reader(domains.need(domain)).await(pattern(regex), limit * 1000L) + System.lineSeparator();
	}

	@Descriptor("types a line into a domain's console; the next await looks at what is printed from then on")
	public void send(@Descriptor("only the text, without Enter") @Parameter(names = "-n", presentValue = "true", absentValue = "false") boolean bare,
			@Descriptor("DOMAIN: name or number") String domain, @Descriptor("TEXT: what to type") String text) {
		ManagedDomain d = domains.need(domain);
		reader(d).skip();
		d.input((bare ? text : text + "\r").getBytes(StandardCharsets.UTF_8));
	}

	/** Listens to no console any more. */
	@Override
	public synchronized void close() throws Exception {
		for (ConsoleReader r : readers.values()) {
			r.close();
		}
		readers.clear();
	}

	private synchronized ConsoleReader reader(ManagedDomain d) {
		return readers.computeIfAbsent(d, ConsoleReader::new);
	}

	private static int number(String[] seconds) {
		if (seconds.length > 1 || !seconds[0].matches("[0-9]{1,6}")) {
			throw new CommandFailure(CliCommand.USAGE, "'" + String.join(" ", seconds) + "': a number of seconds is expected");
		}
		return Integer.parseInt(seconds[0]);
	}

	private static Pattern pattern(String regex) {
		try {
			return Pattern.compile(regex);
		} catch (PatternSyntaxException e) {
			throw new CommandFailure(CliCommand.USAGE, "'" + regex + "' is no regular expression: " + e.getDescription());
		}
	}
}
