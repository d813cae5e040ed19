package xen.kernel.api.cli;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A subcommand that may begin before the distribution is whole: with the bundles that the distribution starts first. One that needs a
 * service of another bundle (a disk, a scheduler that the user named) calls {@link Startup#complete} before it looks. No other command's
 * name may be its name and a second word.
 */
@ConsumerType
public interface EarlyCommand extends CliCommand {
	/**
	 * As {@link CliCommand#run}.
	 *
	 * @param rest what is not started yet
	 */
	int run(List<String> args, CliIo io, Startup rest) throws Exception;

	/** In a distribution that is whole. */
	@Override
	default int run(List<String> args, CliIo io) throws Exception { return run(args, io, Startup.WHOLE); }
}
