package xen.kernel.api.cli;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One subcommand of {@code ./xen}. Register it with DS: {@code @Component @CliName("boot")}; it is created when it is
 * asked for, and runs once on the process's main thread.
 */
@ConsumerType
public interface CliCommand {
	/** Clean end: power-off, a match, work done. */
	int OK = 0;
	/** The command itself failed. */
	int FAILED = 1;
	/** Wrong arguments or bad input. */
	int USAGE = 2;
	/** The guest crashed; the reason is on standard error. */
	int CRASHED = 3;
	/** A limit given on the command line was reached. */
	int LIMIT = 4;

	/** One line for the list of commands. */
	String summary();

	/**
	 * Does the work and may block until it is done; an interrupt asks it to stop soon.
	 *
	 * @param args what follows the name; {@code --help} is the command's own business
	 * @return the process's exit status, one of the constants above where they fit
	 * @throws Exception shown as one line on standard error, with status {@link #FAILED}; {@code XEN_TRACE=1} in the environment shows its stack
	 */
	int run(List<String> args, CliIo io) throws Exception;
}
