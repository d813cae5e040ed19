package xen.shell.run;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;

/** {@code ./xen run [DIST] [-c COMMANDS]}: the script has chosen the distribution; this starts its shell. */
@Component
@CliName("run")
public final class RunCommand implements CliCommand {
	private static final String HELP = """
			usage: ./xen run [DIST] [-c 'COMMANDS']
			  DIST           a distribution: lab (with the shell) unless said otherwise
			  -c 'COMMANDS'  runs Gogo commands, separated by ';', and exits with 0 or the failing command's status
			Without -c the shell reads the terminal; `help` lists its commands, `exit` or Ctrl-D ends it.""";

	private final GogoShell shell;

	@Activate
	public RunCommand(BundleContext context, @Reference CommandProcessor processor) {
		shell = new GogoShell(context, processor);
	}

	@Override
	public String summary() {
		return "starts a distribution with a Gogo shell, or runs its commands";
	}

	@Override
	public int run(List<String> args, CliIo io) throws BundleException, InterruptedException, IOException {
		if (args.isEmpty()) return interactive();
		if (args.equals(List.of("--help")) || args.equals(List.of("-h"))) {
			io.out().println(HELP);
			return OK;
		}
		if (args.size() == 2 && args.getFirst().equals("-c")) return shell.execute(args.get(1), io);
		io.err().println(HELP);
		return USAGE;
	}

	/** The shell's end stops the framework, and that interrupts this thread. */
	private int interactive() throws BundleException, InterruptedException, IOException {
		shell.start();
		new CountDownLatch(1).await();
		return OK;
	}
}
