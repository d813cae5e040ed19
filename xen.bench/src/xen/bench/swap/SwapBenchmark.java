package xen.bench.swap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.bench.Arguments;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.bench.process.DebianFiles;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainManager;

/**
 * Schedulers swap into each other under a Linux guest that checks its sums, in real time on two pCPUs. After each swap every vCPU must get
 * on and every parameter be what it was. Fails when a sum is wrong, a vCPU stands still, a parameter changed, or Linux complained.
 */
@Component
@BenchName("swap")
public final class SwapBenchmark implements Benchmark {
	private static final String USAGE = "./xen bench swap [--swaps N] [--updates N] [--vcpus N] [--engine NAME] [--schedulers NAME,NAME...] [--seed N] [--json]";
	private static final Pattern PAUSE = Pattern.compile("scheduler \\S+ -> \\S+: \\d+ vCPUs, paused for (\\d+) us");

	private final BundleContext context;
	private final Hypervisor hypervisor;
	private final DomainManager manager;

	@Activate
	public SwapBenchmark(BundleContext context, @Reference Hypervisor hypervisor, @Reference DomainManager manager) {
		this.context = context;
		this.hypervisor = hypervisor;
		this.manager = manager;
	}

	@Override
	public String summary() { return "schedulers swapped, updated and thrown out under a Linux guest that checks its results"; }

	@Override
	public Figures run(List<String> args, CliIo io) throws Exception {
		Arguments a = new Arguments(USAGE, args, "--swaps", "--updates", "--vcpus", "--engine", "--schedulers", "--seed");
		List<String> names = a.list("--schedulers", "rr,gang,credit,bvt");
		int swaps = a.number("--swaps", 1000), updates = a.number("--updates", 100), vcpus = a.number("--vcpus", 4), seed = a.number("--seed", 1);
		if (names.size() < 2 || vcpus > 32) throw a.wrong();
		for (String n : names) bundle(n);
		DebianFiles files = DebianFiles.fetch("cloud");
		hypervisor.powerOn(new MachineConfig(384L << 20, new Topology(1, 2, 1), TimeMode.REAL, null, names.getFirst(), MachineConfig.DEFAULT_HZ));
		try {
			hypervisor.selectEngine(a.list("--engine", "auto").getFirst());
			try (CheckedGuest guest = new CheckedGuest(hypervisor, manager, files, vcpus)) {
				return measure(guest, names, swaps, updates, new SplittableRandom(seed), io);
			}
		} finally {
			hypervisor.powerOff();
		}
	}

	private Figures measure(CheckedGuest guest, List<String> names, int swaps, int updates, SplittableRandom random, CliIo io) throws Exception {
		Figures f = new Figures();
		io.err().println(swaps + " swaps");
		long[] pauses = swaps(guest, names, swaps, random, f);
		percentiles(f, "swap", pauses);
		io.err().println(updates + " updates of the bundle in charge");
		f.add("updates", updates, "");
		percentiles(f, "update", updates(guest, names, updates));
		io.err().println("exceptions");
		f.add("faults", faults(guest, names.getFirst()), "schedulers that threw, the guest went on");
		CheckedGuest.Sums sums = guest.end();
		f.add("parameters_changed", guest.changed(), "").add("vcpus_lost", 0, "").add("sums_checked", sums.rounds(), "").add("sums_wrong", sums.wrong(), "");
		if (sums.wrong() > 0 || !sums.complaints().isEmpty() || guest.changed() > 0)
			throw new CommandFailure(CliCommand.FAILED, "the guest noticed: " + sums.wrong() + " of " + sums.rounds() + " sums wrong, " + guest.changed() + " parameters changed, "
					+ sums.complaints());
		return f;
	}

	private long[] swaps(CheckedGuest guest, List<String> names, int swaps, SplittableRandom random, Figures f) {
		Set<String> pairs = new HashSet<>();
		long[] pauses = new long[swaps];
		for (int i = 0; i < swaps; i++) {
			List<String> others = names.stream().filter(n -> !n.equals(hypervisor.scheduler())).toList();
			SwapReport r = hypervisor.selectScheduler(others.get(random.nextInt(others.size())));
			pairs.add(r.from() + " -> " + r.to());
			pauses[i] = r.pauseNanos();
			guest.awaitProgress();
			unchanged(guest);
		}
		f.add("swaps", swaps, "").add("pairs", pairs.size(), "of " + names.size() * (names.size() - 1) + " ordered pairs of schedulers");
		return pauses;
	}

	/** What Felix's own update command does, with a bundle that comes from where it came from before. Two pauses each: to the bypass and back. */
	private long[] updates(CheckedGuest guest, List<String> names, int updates) throws Exception {
		List<Long> pauses = new ArrayList<>();
		for (int i = 0; i < updates; i++) {
			String name = names.get(i % names.size());
			hypervisor.selectScheduler(name);
			long before = changes().size();
			update(bundle(name));
			guest.await(name + " in charge after its update", () -> hypervisor.scheduler().equals(name));
			List<Long> all = changes();
			pauses.addAll(all.subList((int) Math.max(0, Math.min(before, all.size() - 2)), all.size()));
			guest.awaitProgress();
			unchanged(guest);
		}
		return pauses.stream().mapToLong(Long::longValue).toArray();
	}

	private int faults(CheckedGuest guest, String name) {
		int done = 0;
		Faults faults = new Faults(context, hypervisor, guest);
		for (FaultyScheduler.Call call : FaultyScheduler.Call.values()) {
			for (var kind : Faults.KINDS) {
				faults.run(call, kind.get(), name);
				unchanged(guest);
				done++;
			}
		}
		return done;
	}

	private static void unchanged(CheckedGuest guest) {
		if (guest.changed() > 0) throw new CommandFailure(CliCommand.FAILED, guest.changed() + " of the vCPUs' parameters changed in a swap");
	}

	/** Pauses in the hypervisor's log in nanoseconds, oldest first; the oldest lines of a long log are gone. */
	private List<Long> changes() {
		Matcher m = PAUSE.matcher(hypervisor.dmesg());
		return m.results().map(r -> 1000 * Long.parseLong(r.group(1))).toList();
	}

	private static void percentiles(Figures f, String what, long[] nanos) {
		if (nanos.length == 0) return;
		long[] n = nanos.clone();
		Arrays.sort(n);
		f.add(what + "_pause_p50_us", n[n.length / 2] / 1e3, "us").add(what + "_pause_p99_us", n[(n.length - 1) * 99 / 100] / 1e3, "us")
				.add(what + "_pause_max_us", n[n.length - 1] / 1e3, "us");
	}

	private Bundle bundle(String scheduler) throws InvalidSyntaxException {
		for (ServiceReference<Scheduler> s : context.getServiceReferences(Scheduler.class, null)) if (scheduler.equals(s.getProperty("xen.scheduler"))) return s.getBundle();
		throw new CommandFailure(CliCommand.FAILED, "no scheduler '" + scheduler + "' is installed; xen:schedulers in ./xen run lists them");
	}

	private static void update(Bundle b) {
		try {
			b.update();
		} catch (BundleException e) {
			throw new CommandFailure(CliCommand.FAILED, "update of " + b.getSymbolicName() + ": " + e.getMessage());
		}
	}
}
