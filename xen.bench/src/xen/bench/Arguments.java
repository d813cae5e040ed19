package xen.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/** Options of a benchmark, each with a value. */
public final class Arguments {
	private final String usage;
	private final Map<String, String> values = new HashMap<>();

	/** @throws CommandFailure with the usage, for what is not in {@code options} */
	public Arguments(String usage, List<String> args, String... options) {
		this.usage = usage;
		for (int i = 0; i < args.size(); i += 2) {
			if (!Set.of(options).contains(args.get(i)) || i + 1 == args.size()) throw wrong();
			values.put(args.get(i), args.get(i + 1));
		}
	}

	public List<String> list(String option, String otherwise) { return List.of(values.getOrDefault(option, otherwise).split(",")); }

	public int number(String option, int otherwise) {
		String v = values.getOrDefault(option, Integer.toString(otherwise));
		if (!v.matches("[1-9][0-9]{0,5}")) throw wrong();
		return Integer.parseInt(v);
	}

	public CommandFailure wrong() { return new CommandFailure(CliCommand.USAGE, "usage: " + usage); }
}
