package xen.shell.run;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;

/**
 * Gogo as this product uses it. The bundle with the interactive shell is started only here (the distribution leaves it
 * to who needs it), so that no other subcommand has a shell reading its standard input.
 */
final class GogoShell {
	private static final String PROFILE = """
			SCOPE = 'xen:gogo:felix:*'
			prompt = 'xen> '
			exit = { felix:stop 0 }
			setopt group
			""";
	private static final String TERMINAL_SHELL = "org.apache.felix.gogo.jline";

	private final BundleContext context;
	private final CommandProcessor processor;

	GogoShell(BundleContext context, CommandProcessor processor) {
		this.context = context;
		this.processor = processor;
	}

	void start() throws BundleException, IOException {
		profile(PROFILE);
		if (!startBundle("")) throw new CommandFailure(CliCommand.FAILED, "this distribution has no " + TERMINAL_SHELL + ": give commands with -c");
	}

	/** Runs a program of Gogo commands; they see each other's variables. */
	int execute(String program, CliIo io) throws BundleException, IOException {
		startQuietly();
		CommandSession session = processor.createSession(io.in(), io.out(), io.err());
		try {
			session.put("SCOPE", "xen:gogo:felix:*");
			Object result = session.execute(program);
			if (result != null) io.out().println(session.format(result, Converter.INSPECT));
			return CliCommand.OK;
		} catch (Exception e) {
			return failed(cause(e), io);
		} finally {
			io.out().flush();
			session.close();
		}
	}

	private static int failed(Throwable cause, CliIo io) {
		io.err().println(cause.getMessage() == null ? cause.toString() : cause.getMessage());
		if (System.getenv("XEN_TRACE") != null) cause.printStackTrace(io.err());
		return cause instanceof CommandFailure f ? f.status() : CliCommand.FAILED;
	}

	/** Gogo calls commands by reflection. */
	private static Throwable cause(Exception e) {
		return e instanceof InvocationTargetException && e.getCause() != null ? e.getCause() : e;
	}

	/** The shell's bundle brings commands too (each, if, grep): here without its terminal and with an empty profile. */
	private void startQuietly() throws BundleException, IOException {
		System.setProperty("org.jline.terminal.provider", "dumb");
		profile("");
		startBundle("--nointeractive --noshutdown");
	}

	/** Gogo reads it at the start of its shell; its own one knows nothing of ours, and its `exit` wants a number. */
	private void profile(String text) throws IOException {
		File home = context.getDataFile("gosh");
		Path profile = home.toPath().resolve("etc/gosh_profile");
		Files.createDirectories(profile.getParent());
		Files.writeString(profile, text);
		System.setProperty("gosh.home", home.getPath());
	}

	private boolean startBundle(String goshArguments) throws BundleException {
		List<Bundle> found = Arrays.stream(context.getBundles()).filter(b -> TERMINAL_SHELL.equals(b.getSymbolicName())).toList();
		if (found.isEmpty()) return false;
		if (System.getProperty("gosh.args") == null) System.setProperty("gosh.args", goshArguments);
		found.getFirst().start();
		return true;
	}
}
