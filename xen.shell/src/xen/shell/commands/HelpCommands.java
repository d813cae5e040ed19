package xen.shell.commands;

import java.util.List;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.apache.felix.service.command.Descriptor;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/** What there is to type. */
public final class HelpCommands {
	private final Supplier<SortedMap<String, Help>> commands;

	/** @param commands those of scope xen, by name */
	HelpCommands(Supplier<SortedMap<String, Help>> commands) {
		this.commands = commands;
	}

	@Descriptor("lists the commands of scope xen, or explains one; felix:help lists those of the framework")
	public String help(@Descriptor("COMMAND: which to explain") String... command) {
		SortedMap<String, Help> all = commands.get();
		if (command.length == 0) {
			StringBuilder s = new StringBuilder();
			int width = all.keySet().stream().mapToInt(String::length).max().orElse(1);
			all.values().forEach(h -> s.append(String.format("  %-" + width + "s  %s%n", h.name(), h.summary())));
			return s.append("xen:help COMMAND tells more; DOMAIN is a name or a number; felix:help lists the framework's own commands\n").toString();
		}
		if (command.length > 1) throw new CommandFailure(CliCommand.USAGE, "one command is expected");
		String name = command[0].startsWith("xen:") ? command[0].substring(4) : command[0];
		Help h = all.get(name);
		if (h == null) throw new CommandFailure(CliCommand.FAILED, "there is no command xen:" + name + "; xen:help lists those there are, felix:help those of the framework");
		return h.page();
	}

	/** Pages of one group. */
	static List<Help> of(CommandGroup group) {
		return Help.of(group.commands());
	}
}
