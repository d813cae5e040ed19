package xen.shell.commands;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.FaultInjection;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.VirtualDisks;

/** Virtual disks, their driver, and who orders requests. */
public final class BlockCommands {
	private static final String[] STATES = {"-", "initialising", "waits", "initialised", "connected", "closing", "closed"};

	private final BlockControl control;
	private final Domains domains;

	BlockCommands(BlockControl control, DomainManager manager) {
		this.control = control;
		domains = new Domains(manager);
	}

	// Virtual disks

	@Descriptor("lists virtual disks: name in the guest, domain of the driver, state, share, requests answered, their mean time")
	public String blockList(@Descriptor("DOMAIN...: names or numbers; all when left away") String... names) {
		StringBuilder s = new StringBuilder("Name                 ID Vdev    BE State        Mode    MiB Weight Class       Rate(/s)    Requests Errors Mean(us) Image\n");
		for (ManagedDomain m : domains.needAll(names)) {
			for (VirtualDisks.Disk d : m.disks().list()) {
				Map<String, Long> c = d.counters();
				long n = c.get("answered");
				s.append(String.format(Locale.ROOT, "%-18s %4d %-5s %5d %-12s %-5s %5d %6d %-11s %-9s %9d %6d %8.1f %s%n", m.spec().name(), m.domid(), d.vdev(), d.backend(),
						STATES[Math.min(d.state(), STATES.length - 1)], d.cdrom() ? "cdrom" : d.readOnly() ? "ro" : "rw", d.sectors() >> 11, d.weight(),
						word(d.serviceClass()), rate(d), n, c.get("errors"), n == 0 ? 0 : c.get("latency_ns") / 1e3 / n, d.target()));
			}
		}
		return s.toString();
	}

	@Descriptor("adds a virtual disk to a domain; a running guest finds it by itself")
	public String blockAttach(@Descriptor("DOMAIN: name or number") String domain,
			@Descriptor("DISK...: words of xl.cfg's disk: FILE,qcow2,xvdb,ro or target=... vdev=...") String... words) {
		if (words.length == 0) {
			throw new CommandFailure(CliCommand.USAGE, "which disk? For example: xen:block-attach " + domain + " /images/data.img,raw,xvdb,rw");
		}
		VirtualDisks.Disk d = domains.need(domain).disks().attach(String.join(",", words));
		return d.vdev() + " (" + d.device() + "): " + d.target() + ", " + (d.sectors() >> 11) + " MiB, " + (d.readOnly() ? "read-only" : "read and write") + "\n";
	}

	@Descriptor("takes a virtual disk from a domain; the guest is asked and must have let go of it")
	public String blockDetach(
			@Descriptor("at once, whatever the guest does") @Parameter(names = {"-f", "--force"}, presentValue = "true", absentValue = "false") boolean force,
			@Descriptor("SECONDS: how long the guest may take") @Parameter(names = "-t", absentValue = "10") int seconds,
			@Descriptor("DOMAIN: name or number") String domain, @Descriptor("VDEV: name or number, see block-list") String vdev) {
		domains.need(domain).disks().detach(vdev, force, seconds);
		return vdev + " is detached\n";
	}

	@Descriptor("looks at the sizes of a domain's images again and tells the guest")
	public String blockRefresh(@Descriptor("DOMAIN: name or number") String domain) {
		VirtualDisks disks = domains.need(domain).disks();
		List<String> changed = disks.refresh();
		return changed.isEmpty() ? "no image has changed its size\n" : disks.list().stream().filter(d -> changed.contains(d.vdev()))
				.map(d -> d.vdev() + " has " + (d.sectors() >> 11) + " MiB now\n").collect(Collectors.joining());
	}

	@Descriptor("changes the share of a virtual disk while it is in use")
	public String blockWeight(@Descriptor("DOMAIN: name or number") String domain, @Descriptor("VDEV: name or number, see block-list") String vdev,
			@Descriptor("WEIGHT: 1 to 65535, 256 is normal") int weight,
			@Descriptor("[CLASS] [reservation=N] [limit=N]: interactive, throughput or realtime; requests a second, 0 = none; as it is when left away") String... more) {
		ServiceClass c = null;
		Integer reservation = null, limit = null;
		for (String w : more) {
			if (w.startsWith("reservation=")) {
				reservation = requests(w);
			} else if (w.startsWith("limit=")) {
				limit = requests(w);
			} else if (c == null) {
				c = serviceClass(w);
			} else {
				throw new CommandFailure(CliCommand.USAGE, "one class at most");
			}
		}
		domains.need(domain).disks().parameters(vdev, weight, c, reservation, limit);
		return blockList(domain);
	}

	private static int requests(String word) {
		String n = word.substring(word.indexOf('=') + 1);
		if (!n.matches("[0-9]{1,6}")) {
			throw new CommandFailure(CliCommand.USAGE, word + ": requests a second are expected, 0 for none");
		}
		return Integer.parseInt(n);
	}

	/** What is promised, and the limit: 40-200, 40-, -200, - for neither. */
	private static String rate(VirtualDisks.Disk d) {
		return (d.reservation() == 0 ? "" : d.reservation()) + "-" + (d.limit() == 0 ? "" : d.limit());
	}

	private static String word(ServiceClass c) { return c.name().toLowerCase(Locale.ROOT); }

	private static ServiceClass serviceClass(String text) {
		return Arrays.stream(ServiceClass.values()).filter(c -> word(c).equals(text)).findFirst()
				.orElseThrow(() -> new CommandFailure(CliCommand.USAGE, "class '" + text + "': interactive, throughput or realtime are possible"));
	}

	// The driver

	@Descriptor("shows the block driver: its domain, state, failures, restarts, and how long guests had to wait for it (machine time)")
	public String driverList() {
		StringBuilder s = new StringBuilder();
		Map<String, String> m = control.driver();
		m.forEach((k, v) -> {
			if (!k.startsWith("pause.")) s.append(String.format("%-22s : %s%n", k, v));
		});
		for (String p : List.of("swap", "crash")) {
			String at = "pause." + p + ".";
			s.append(String.format("%-22s : %s (us: p50 %s, p99 %s, longest %s, all %s)%n", "pauses." + p, m.get(at + "count"), m.get(at + "p50.us"), m.get(at + "p99.us"),
					m.get(at + "longest.us"), m.get(at + "total.us")));
		}
		return s.toString();
	}

	@Descriptor("replaces the block driver's instance by a fresh one; guests see a pause")
	public String driverRestart() {
		control.restartDriver();
		return driverList();
	}

	@Descriptor("makes the block driver fail at its next request; guests see a pause")
	public String driverFault(@Descriptor("FAULT: exception, hang, deadlock, lost, duplicate, wrong-id or garbage") String fault) {
		DriverFault f = Arrays.stream(DriverFault.values()).filter(x -> x.word().equals(fault)).findFirst().orElseThrow(() -> new CommandFailure(CliCommand.USAGE,
				"fault '" + fault + "': " + Arrays.stream(DriverFault.values()).map(DriverFault::word).collect(Collectors.joining(", ")) + " are possible"));
		if (!(control instanceof FaultInjection faults)) throw new CommandFailure(CliCommand.FAILED, "this core's driver cannot be made to fail");
		faults.injectFault(f);
		return "the driver will fail (" + f.word() + ") at its next request; see xen:driver-list\n";
	}

	// Disks of the machine

	@Descriptor("shows disks of the machine, the scheduler of each, and what they did")
	public String diskList() {
		StringBuilder s = new StringBuilder();
		Map<String, Map<String, Long>> counters = control.diskCounters();
		control.schedulers().forEach((disk, scheduler) -> s.append(disk).append("  ").append(scheduler).append("  ").append(counters.get(disk)).append('\n'));
		return s.toString();
	}

	@Descriptor("puts another scheduler in charge of all disks, under load")
	public String diskSched(@Descriptor("NAME: fifo, rr, cello, cello-bytes, clook, sfq or mclock") String name) {
		control.selectScheduler(null, name);
		return diskList();
	}
}
