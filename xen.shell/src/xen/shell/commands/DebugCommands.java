package xen.shell.commands;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.TreeMap;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.domain.Vcpu;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.Tracer;

/** Looking into guests. */
public final class DebugCommands {
	private final Tracer tracer;
	private final Domains domains;

	DebugCommands(Tracer tracer, DomainManager manager) {
		this.tracer = tracer;
		domains = new Domains(manager);
	}

	@Descriptor("writes what all guests do to a file (xen:trace on FILE) until xen:trace off; alone it tells whether a trace is on")
	public String trace(
			@Descriptor("KINDS: of exits, hypercalls, blocks; blocks make guests many times slower") @Parameter(names = "-k", absentValue = "exits,hypercalls") String kinds,
			@Descriptor("on FILE | off: what to do") String... words) {
		if (words.length == 0) return tracer.running().map(f -> "a trace is being written to " + f).orElse("no trace is on") + "\n";
		if (words.length == 2 && words[0].equals("on")) {
			tracer.start(Path.of(words[1]), new LinkedHashSet<>(List.of(kinds.split(","))));
			return "";
		}
		if (words.length != 1 || !words[0].equals("off")) throw new CommandFailure(CliCommand.USAGE, "on FILE, off or nothing is expected; see xen:help trace");
		Path file = tracer.running().orElseThrow(() -> new CommandFailure(CliCommand.FAILED, "no trace is on; xen:trace on FILE begins one"));
		return tracer.stop() + " lines written to " + file + "\n";
	}

	@Descriptor("names an address of a guest's kernel")
	public String symbol(@Descriptor("ADDRESS: hexadecimal") String address, @Descriptor("DOMAIN: name or number") String domain) {
		String digits = address.toLowerCase(java.util.Locale.ROOT).replaceFirst("^0x", "");
		if (!digits.matches("[0-9a-f]{1,16}")) throw new CommandFailure(CliCommand.USAGE, "'" + address + "': a hexadecimal address is expected, such as ffffffff81000000");
		return domains.need(domain).symbol(Long.parseUnsignedLong(digits, 16)).orElseThrow(() -> new CommandFailure(CliCommand.FAILED,
				"no symbol of " + domain + "'s kernel is at or near " + digits)) + "\n";
	}

	@Descriptor("prints a domain's counters: exits, hypercalls, upcalls, flushes, and instructions of each vCPU")
	public String counters(@Descriptor("DOMAIN: name or number") String domain) {
		ManagedDomain d = domains.need(domain);
		var all = new TreeMap<>(d.domain().counters());
		for (Vcpu v : d.domain().vcpus()) {
			all.put("vcpu." + v.id() + ".instructions", v.context().retired());
			all.put("vcpu." + v.id() + ".cpu_ns", v.cpuNanos());
		}
		StringBuilder s = new StringBuilder();
		all.forEach((name, n) -> s.append(String.format("%-40s %15d%n", name, n)));
		return s.toString();
	}
}
