package xen.bench.disk;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CliName;

/** {@code ./xen faults}: the fault campaign against the block driver. */
@Component
@CliName("faults")
public final class FaultsCommand implements CliCommand {
	private final BlockCores cores;
	private final BlockDriver driver;

	@Activate public FaultsCommand(@Reference BlockCores cores, @Reference BlockDriver driver) {
		this.cores = cores;
		this.driver = driver;
	}

	@Override public String summary() { return "injects faults into the block driver under a verifying load"; }

	@Override public int run(List<String> args, CliIo io) {
		return new CommandLine(new Line(io)).setOut(new java.io.PrintWriter(io.out(), true)).setErr(new java.io.PrintWriter(io.err(), true))
				.execute(args.toArray(String[]::new));
	}

	@Command(name = "faults", mixinStandardHelpOptions = true, exitCodeOnInvalidInput = USAGE, description = "Lets the block driver throw, loop for ever, forget, lose,"
			+ " repeat, mix up and tear requests under a load that checks every block, in virtual time. Status 0: no error, no wrong byte, nothing stuck.")
	private final class Line implements Callable<Integer> {
		@Option(names = "--faults", defaultValue = "100000", description = "how many (default ${DEFAULT-VALUE})")
		long faults;
		@Option(names = "--seed", defaultValue = "1", description = "same seed, same run (default ${DEFAULT-VALUE})")
		long seed;
		@Option(names = "--rate", defaultValue = "12", description = "one call in so many goes wrong (default ${DEFAULT-VALUE})")
		int rate;
		@Option(names = "--loops", defaultValue = "40", description = "how many of them are calls that never come back (default ${DEFAULT-VALUE});"
				+ " each takes up to half a second of host time")
		int loops;
		@Option(names = "--disk", defaultValue = "ssd", description = "disk model: ssd, hdd or none (default ${DEFAULT-VALUE})")
		String disk;
		@Option(names = "--persistent", description = "with persistent grants")
		boolean persistent;

		private final CliIo io;

		Line(CliIo io) { this.io = io; }

		@Override public Integer call() {
			if (rate < 1 || faults < 1 || loops < 0) {
				io.err().println("xen: --rate and --faults are at least 1, --loops at least 0");
				return USAGE;
			}
			long from = System.nanoTime();
			Campaign.Result r = new Campaign(cores, driver, seed, rate, loops, disk, persistent, 1).run(faults);
			for (FaultyDriver.Fault f : FaultyDriver.Fault.values()) {
				io.out().println("%-18s %d".formatted(f.name().toLowerCase(Locale.ROOT), r.byKind()[f.ordinal()]));
			}
			io.out().println("faults %d, requests answered %d, guest-visible errors %d, wrong blocks %d, wrong answers %d, pages not returned %d, dead instances that could act %d%s".formatted(
					r.faults(), r.answered(), r.errors(), r.corrupted(), r.wrongAnswers(), r.leakedPages(), r.escaped(), r.stalled() ? ", STALLED" : ""));
			io.out().println("machine time %.3f s, host time %.1f s, driver %s".formatted(r.virtualSeconds(), (System.nanoTime() - from) / 1e9, r.driver()));
			return r.clean() ? OK : FAILED;
		}
	}
}
