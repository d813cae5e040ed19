package xen.bench.litmus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Component;
import xen.bench.Arguments;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.bench.Scratch;
import xen.bench.process.Product;
import xen.bench.process.Program;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;

/**
 * The guest {@code litmus} in {@code ./xen boot}, an engine after the other: outcomes that x86-TSO forbids must never be seen. Store
 * buffering, which x86 allows, is printed to show that the test can see reordering at all.
 */
@Component
@BenchName("litmus")
public final class LitmusBenchmark implements Benchmark {
	private static final String USAGE = "./xen bench litmus [--rounds N] [--engine NAME[,NAME...]] [--time real|virtual] [--json]", ALLOWED = "store_buffering";
	private static final Pattern LINE = Pattern.compile("([a-zA-Z0-9+ ]+): (\\d+) of (\\d+)");

	@Override
	public String summary() { return "outcomes that x86's memory order forbids, looked for between vCPUs on each engine"; }

	@Override
	public Figures run(List<String> args, CliIo io) throws IOException, InterruptedException {
		Arguments a = new Arguments(USAGE, args, "--rounds", "--engine", "--time");
		int rounds = a.number("--rounds", 1000);
		String time = a.list("--time", "real").getFirst();
		Figures figures = new Figures();
		long forbidden = 0, tries = 0;
		try (Scratch scratch = new Scratch()) {
			Path guest = guest(scratch.folder());
			for (String engine : a.list("--engine", "native,interp,bytecode")) {
				io.err().println("engine " + engine);
				Figures mine = figures.group(engine);
				// with four vCPUs IRIW runs too; where the host has fewer CPUs their threads wait for each other, so fewer rounds
				for (int cpus : new int[] {2, 4}) {
					for (Count c : boot(guest, engine, time, cpus, cpus == 2 ? rounds : Math.max(1, rounds / 10))) {
						mine.group(cpus + "_vcpus").add(c.name, c.seen, "");
						if (!c.name.equals(ALLOWED)) {
							forbidden += c.seen;
							tries += c.of;
						}
					}
				}
			}
		}
		figures.add("tries", tries, "").add("forbidden_outcomes", forbidden, "");
		if (forbidden > 0) throw new CommandFailure(CliCommand.FAILED, forbidden + " outcomes that x86 forbids:\n" + figures.text());
		return figures;
	}

	private record Count(String name, long seen, long of) {}

	private static List<Count> boot(Path guest, String engine, String time, int cpus, int rounds) throws IOException, InterruptedException {
		List<String> command = Product.command("boot", guest.toString(), "--cmdline", "rounds=" + rounds + " cpus=" + cpus, "--vcpus", "" + cpus, "--topology", "1x" + cpus + "x1", "--engine",
				engine, "--time", time);
		List<Count> counts = new ArrayList<>();
		StringBuilder all = new StringBuilder();
		try (Program p = new Program(command, ProcessBuilder.Redirect.INHERIT)) {
			for (String line; (line = p.receive()) != null;) {
				all.append(line).append('\n');
				Matcher m = LINE.matcher(line.strip());
				if (m.matches()) counts.add(new Count(m.group(1).replace(' ', '_'), Long.parseLong(m.group(2)), Long.parseLong(m.group(3))));
			}
			// the guest crashes itself when it has seen what must not be: then its counts say so
			if (p.await() != 0 && counts.size() < 9) throw new CommandFailure(CliCommand.FAILED, "the guest did not come to its end with engine " + engine + ":\n" + all);
		}
		return counts;
	}

	private static Path guest(Path folder) throws IOException, InterruptedException {
		Path sources = Path.of(System.getProperty("xen.workspace", ""), "guests");
		if (!Files.exists(sources.resolve("litmus.c"))) throw new CommandFailure(CliCommand.FAILED, "skipped: the guest's source is not here; run it from the source tree");
		for (String tool : List.of("gcc", "make"))
			if (Program.find(tool) == null) throw new CommandFailure(CliCommand.FAILED, "skipped: there is no " + tool + " to build the guest with (Debian: apt-get install gcc make)");
		Program.run(List.of("make", "-s", "-C", sources.toString(), "OUT=" + folder, folder.resolve("litmus.elf").toString()), folder);
		return folder.resolve("litmus.elf");
	}
}
