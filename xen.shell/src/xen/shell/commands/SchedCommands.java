package xen.shell.commands;

import java.io.IOException;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.CpuPools.CpuPool;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.Vcpu;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ManagedDomain;

/** vCPUs, their parameters, and who schedules and executes them. */
public final class SchedCommands {
	private static final String BYPASS = "bypass";

	private final Hypervisor hypervisor;
	private final Domains domains;
	private final Pools pools;
	private final Supplier<SortedMap<String, String>> schedulers;
	private final PolicySettings policies;

	/** @param schedulers names of those installed, and the bundle of each */
	SchedCommands(Hypervisor hypervisor, DomainManager manager, Supplier<SortedMap<String, String>> schedulers, PolicySettings policies) {
		this.policies = policies;
		this.hypervisor = hypervisor;
		this.schedulers = schedulers;
		domains = new Domains(manager);
		pools = new Pools(hypervisor);
	}

	@Descriptor("lists vCPUs: the pCPU of each, r(unning) or b(locked), seconds of CPU time, pCPUs it may run on")
	public String vcpuList(@Descriptor("DOMAIN...: names or numbers; all when left away") String... names) {
		StringBuilder s = new StringBuilder("Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)\n");
		for (ManagedDomain d : domains.needAll(names)) {
			for (Vcpu v : d.domain().vcpus()) {
				boolean offline = v.runState() == RunState.OFFLINE;
				s.append(String.format(Locale.ROOT, "%-32s %5d %5d   %3s   %s  %9.1f  %s / all%n", d.spec().name(), d.domid(), v.id(),
						offline || v.lastPcpu() < 0 ? "-" : v.lastPcpu(), state(v), v.cpuNanos() / 1e9, affinity(v)));
			}
		}
		return s.toString();
	}

	private static String state(Vcpu v) {
		return switch (v.runState()) {
			case RUNNING -> "r--";
			case RUNNABLE -> "---";
			case BLOCKED -> "-b-";
			case OFFLINE -> "--p";
		};
	}

	private String affinity(Vcpu v) {
		int pcpus = pcpus();
		BitSet set = new BitSet();
		for (int p = 0; p < pcpus; p++) {
			set.set(p, v.mayRunOn(p));
		}
		BitSet pool = pools.all().list().stream().filter(p -> p.domains().contains(v.domain().id())).findFirst().map(CpuPool::cpus).orElse(set);
		return set.cardinality() == pcpus || pool.cardinality() < pcpus && set.equals(pool) ? "all" : CpuSet.format(set);
	}

	private int pcpus() {
		return hypervisor.config().map(c -> c.topology().pcpus()).orElseThrow(() -> new IllegalStateException("the machine is off"));
	}

	@Descriptor("sets the pCPUs that a vCPU may run on")
	public void vcpuPin(@Descriptor("DOMAIN: name or number") String domain, @Descriptor("VCPU: number, or all") String vcpu,
			@Descriptor("CPUS: all, or numbers as in 0-2,5") String cpus) {
		ManagedDomain d = domains.need(domain);
		BitSet set = cpus.equals("all") ? null : CpuSet.parse(cpus, pcpus());
		boolean all = vcpu.equals("all");
		var chosen = d.domain().vcpus().stream().filter(v -> all || Integer.toString(v.id()).equals(vcpu)).toList();
		if (chosen.isEmpty()) {
			throw new CommandFailure(CliCommand.USAGE, domain + " has no vCPU '" + vcpu + "': there are 0 to " + (d.domain().vcpus().size() - 1) + ", and all");
		}
		chosen.forEach(v -> hypervisor.setAffinity(v, set));
	}

	@Descriptor("asks a guest to have so many vCPUs online, up to its maxvcpus")
	public void vcpuSet(@Descriptor("DOMAIN: name or number") String domain, @Descriptor("COUNT: vCPUs 0 to COUNT-1 come up, the others go down") String count) {
		domains.need(domain).onlineVcpus(number("count", count, 0));
	}

	@Descriptor("shows or sets domains' share of CPU time, as xl sched-credit does")
	public String sched(@Descriptor("POOL: only domains of this CPU pool") @Parameter(names = {"-p", "--cpupool"}, absentValue = "") String pool,
			@Descriptor("DOMAIN: name or number; all when left away") @Parameter(names = {"-d", "--domain"}, absentValue = "") String domain,
			@Descriptor("WEIGHT: 1 to 65535, twice the weight is twice the time; 256 at first") @Parameter(names = {"-w", "--weight"}, absentValue = "") String weight,
			@Descriptor("CAP: most it may use, in percent of one pCPU; 0 is no limit") @Parameter(names = {"-c", "--cap"}, absentValue = "") String cap) {
		boolean set = !weight.isEmpty() || !cap.isEmpty();
		if (set && domain.isEmpty()) throw new CommandFailure(CliCommand.USAGE, "which domain's? say -d DOMAIN");
		if (set) {
			ManagedDomain d = domains.need(domain);
			Vcpu first = d.domain().vcpus().getFirst();
			hypervisor.setWeight(d.domid(), number("weight", weight, first.weight()), number("cap", cap, first.cap()));
			return "";
		}
		StringBuilder s = new StringBuilder();
		List<ManagedDomain> chosen = domains.needAll(domain.isEmpty() ? new String[0] : new String[] {domain});
		for (CpuPool p : pool.isEmpty() ? pools.all().list() : List.of(pools.need(pool))) {
			List<ManagedDomain> there = chosen.stream().filter(d -> p.domains().contains(d.domid())).toList();
			if (there.isEmpty() && !domain.isEmpty()) continue;
			s.append("Cpupool ").append(p.name()).append(": scheduler ").append(p.scheduler()).append(String.format("%n%-33s %4s %6s %4s%n", "Name", "ID", "Weight", "Cap"));
			for (ManagedDomain d : there) {
				Vcpu v = d.domain().vcpus().getFirst();
				s.append(String.format("%-33s %4d %6d %4d%n", d.spec().name(), d.domid(), v.weight(), v.cap()));
			}
		}
		return s.toString();
	}

	private static int number(String what, String text, int otherwise) {
		if (text.isEmpty()) return otherwise;
		if (!text.matches("[0-9]{1,6}")) throw new CommandFailure(CliCommand.USAGE, what + " '" + text + "': a number is expected");
		return Integer.parseInt(text);
	}

	@Descriptor("lists the schedulers that can be swapped in; one that is in charge has a star and its CPU pools")
	public String schedulers() {
		List<CpuPool> all = hypervisor.config().isPresent() ? pools.all().list() : List.of();
		StringBuilder s = new StringBuilder(String.format("  %-16s %-36s %s%n", "Name", "Bundle", "Pools"));
		schedulers.get().forEach((name, bundle) -> s.append(line(name, bundle, all)));
		return s.append(line(BYPASS, "xen.kernel (the core's own)", all)).toString();
	}

	private static String line(String name, String bundle, List<CpuPool> all) {
		String where = all.stream().filter(p -> p.scheduler().equals(name)).map(CpuPool::name).collect(Collectors.joining(" "));
		return String.format("%s %-16s %-36s %s", where.isEmpty() ? " " : "*", name, bundle, where).stripTrailing() + "\n";
	}

	@Descriptor("shows or sets parameters of a scheduler's policy, which count at once: xen:sched-config rr slice.us=1000")
	public String schedConfig(@Descriptor("NAME: of xen:schedulers") String name, @Descriptor("KEY=VALUE...: parameters; shown when left away") String... words) throws IOException {
		Map<String, String> values = new LinkedHashMap<>();
		for (String w : words) {
			int equals = w.indexOf('=');
			if (equals < 1) throw new CommandFailure(CliCommand.USAGE, "'" + w + "': KEY=VALUE is expected; xen:sched-config " + name + " shows the keys");
			values.put(w.substring(0, equals), w.substring(equals + 1));
		}
		if (!values.isEmpty()) {
			policies.set(name, values);
			return "";
		}
		List<PolicySettings.Setting> all = policies.of(name);
		if (all.isEmpty()) return "scheduler " + name + " has no parameters\n";
		StringBuilder s = new StringBuilder(String.format("%-16s %10s %10s  %s%n", "Parameter", "Value", "Default", "Meaning"));
		all.forEach(p -> s.append(String.format("%-16s %10s %10s  %s%n", p.key(), p.value(), p.otherwise(), p.meaning())));
		return s.toString();
	}

	@Descriptor("puts another scheduler, CPU engine or machine in charge while the guests run")
	public String swap(@Descriptor("KIND: scheduler, engine or machine") String kind,
			@Descriptor("NAME: of xen:schedulers; an engine: interp, native, auto; a machine: x86smp") String name,
			@Descriptor("POOL: the CPU pool whose scheduler it is; Pool-0 when left away") String... pool) {
		if (hypervisor.config().isEmpty()) {
			throw new CommandFailure(CliCommand.FAILED, "the machine is off; xen:machine " + kind + "=" + name + " chooses it for the next power-on");
		}
		return switch (kind) {
			case "scheduler" -> scheduler(name, pool);
			case "engine" -> told(kind, hypervisor.selectEngine(name));
			case "machine" -> told(kind, hypervisor.selectMachine(name));
			default -> throw new CommandFailure(CliCommand.USAGE, "'" + kind + "' cannot be swapped here: scheduler, engine and machine can");
		};
	}

	private String scheduler(String name, String[] pool) {
		if (pool.length > 1) throw new CommandFailure(CliCommand.USAGE, "one CPU pool at a time: xen:swap scheduler NAME [POOL]");
		SwapReport r = pool.length == 0 ? hypervisor.selectScheduler(name) : pools.all().selectScheduler(pools.need(pool[0]).id(), name);
		if (r.from().equals(r.to())) return r.to() + " is in charge already\n";
		return String.format(Locale.ROOT, "scheduler %s -> %s: paused for %.3f ms, %d vCPUs handed over%n", r.from(), r.to(), r.pauseNanos() / 1e6, r.vcpus());
	}

	/** The report of an exchange of the engine or the machine. */
	private static String told(String kind, SwapReport r) {
		if (r.from().equals(r.to())) return r.to() + " is in charge already\n";
		return String.format(Locale.ROOT, "%s %s -> %s: paused for %.3f ms, %d vCPUs handed over%n", kind, r.from(), r.to(), r.pauseNanos() / 1e6, r.vcpus());
	}
}
