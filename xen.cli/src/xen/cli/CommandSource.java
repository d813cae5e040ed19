package xen.cli;

import java.util.Optional;
import java.util.SortedMap;
import xen.kernel.api.cli.CliCommand;

/** Where the dispatcher finds subcommands. */
interface CommandSource {
	/** Answer to {@link #find}. */
	sealed interface Found permits Ready, Waiting, Unknown {}

	record Ready(CliCommand command) implements Found {}

	/** Its component exists but what it needs did not come in time. */
	record Waiting(String missing) implements Found {}

	record Unknown() implements Found {}

	Found find(String name) throws InterruptedException;

	/** A command that is ready now; nothing is waited for. */
	Optional<CliCommand> now(String name);

	/** Names and summaries of what is ready. */
	SortedMap<String, String> summaries();
}
