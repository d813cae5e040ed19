package xen.shell.commands;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.CpuPools.CpuPool;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.DomainManager;

/** CPU pools, as xl has them: pCPUs and domains under a scheduler of their own. */
public final class PoolCommands {
	private static final Set<String> KEYS = Set.of("name", "sched", "cpus", "nodes");

	private final Hypervisor hypervisor;
	private final Domains domains;
	private final Pools pools;

	PoolCommands(Hypervisor hypervisor, DomainManager manager) {
		this.hypervisor = hypervisor;
		domains = new Domains(manager);
		pools = new Pools(hypervisor);
	}

	@Descriptor("lists CPU pools: how many pCPUs, which scheduler, how many domains")
	public String cpupoolList(@Descriptor("list the pCPUs of each") @Parameter(names = {"-c", "--cpus"}, presentValue = "true", absentValue = "false") boolean cpus,
			@Descriptor("POOL...: names or numbers; all when left away") String... names) {
		List<CpuPool> chosen = names.length == 0 ? pools.all().list() : java.util.Arrays.stream(names).map(pools::need).toList();
		StringBuilder s = new StringBuilder(String.format("%-19s", "Name")).append(cpus ? "CPU list\n" : "CPUs   Sched     Active   Domain count\n");
		for (CpuPool p : chosen) {
			s.append(String.format("%-19s", p.name()));
			s.append(cpus ? CpuSet.format(p.cpus()) : String.format("%3d %9s       y       %4d", p.cpus().cardinality(), p.scheduler(), p.domains().size())).append('\n');
		}
		return s.toString();
	}

	@Descriptor("makes a CPU pool, of a file or of settings: xen:cpupool-create name=batch sched=credit cpus=2-3")
	public String cpupoolCreate(@Descriptor("FILE|KEY=VALUE...: name; sched, Pool-0's when left away; cpus or nodes, the first free pCPU when left away") String... words) throws IOException {
		Map<String, String> v = new LinkedHashMap<>();
		for (String w : words) {
			if (w.contains("=")) assign(v, w);
			else read(v, w);
		}
		String name = v.get("name");
		if (name == null) throw new CommandFailure(CliCommand.USAGE, "what is the pool's name? say name=NAME");
		BitSet cpus = chosen(v);
		CpuPool p = pools.all().create(name, v.getOrDefault("sched", hypervisor.scheduler()));
		try {
			cpus.stream().forEach(c -> pools.all().addCpu(p.id(), c));
		} catch (RuntimeException e) {
			pools.all().destroy(p.id());
			throw e;
		}
		return "cpupool name:   " + name + "\nscheduler:      " + p.scheduler() + "\nnumber of cpus: " + cpus.cardinality() + "\n";
	}

	private BitSet chosen(Map<String, String> v) {
		BitSet cpus = new BitSet();
		if (v.containsKey("cpus")) cpus.or(pools.cpus(v.get("cpus")));
		if (v.containsKey("nodes")) {
			for (String n : v.get("nodes").split(",")) cpus.or(pools.cpus("node:" + n));
		}
		if (cpus.isEmpty()) {
			int first = pools.all().free().nextSetBit(0);
			if (first < 0) throw new CommandFailure(CliCommand.FAILED, "no pCPU is free: xen:cpupool-cpu-remove Pool-0 CPUS frees some");
			cpus.set(first);
		}
		return cpus;
	}

	/** A file has a setting a line, in the way of xl's. */
	private void read(Map<String, String> v, String file) throws IOException {
		for (String line : Files.readAllLines(Path.of(file))) {
			String text = line.replaceFirst("#.*", "").strip();
			if (!text.isEmpty()) assign(v, text);
		}
	}

	private static void assign(Map<String, String> v, String text) {
		String[] part = text.split("=", 2);
		String key = part[0].strip();
		if (part.length < 2 || !KEYS.contains(key)) throw new CommandFailure(CliCommand.USAGE, "'" + text + "': expected name=, sched=, cpus= or nodes=");
		v.put(key, part[1].replaceAll("[\\[\\]\"' ]", ""));
	}

	@Descriptor("removes a CPU pool without domains; its pCPUs are free afterwards")
	public void cpupoolDestroy(@Descriptor("POOL: name or number") String pool) {
		pools.all().destroy(pools.need(pool).id());
	}

	@Descriptor("gives a CPU pool another name")
	public void cpupoolRename(@Descriptor("POOL: name or number") String pool, @Descriptor("NAME: the new one") String name) {
		pools.all().rename(pools.need(pool).id(), name);
	}

	@Descriptor("adds free pCPUs to a CPU pool")
	public void cpupoolCpuAdd(@Descriptor("POOL: name or number") String pool, @Descriptor("CPUS: all, numbers as in 0-2,5, or node:N") String cpus) {
		CpuPool p = pools.need(pool);
		pools.cpus(cpus).stream().forEach(c -> pools.all().addCpu(p.id(), c));
	}

	@Descriptor("takes pCPUs out of a CPU pool while its guests run; they are free then")
	public void cpupoolCpuRemove(@Descriptor("POOL: name or number") String pool, @Descriptor("CPUS: numbers as in 0-2,5, or node:N") String cpus) {
		CpuPool p = pools.need(pool);
		pools.cpus(cpus).stream().forEach(c -> pools.all().removeCpu(p.id(), c));
	}

	@Descriptor("moves a domain into another CPU pool while it runs")
	public void cpupoolMigrate(@Descriptor("DOMAIN: name or number") String domain, @Descriptor("POOL: name or number") String pool) {
		pools.all().move(domains.need(domain).domid(), pools.need(pool).id());
	}

	@Descriptor("makes a CPU pool of each node (socket); all domains stay in the first")
	public String cpupoolNumaSplit() {
		if (pools.all().list().size() > 1) throw new CommandFailure(CliCommand.FAILED, "there are several CPU pools already: xen:cpupool-destroy the others first");
		CpuPool first = pools.all().list().getFirst();
		if (!first.cpus().intersects(pools.node(0))) throw new CommandFailure(CliCommand.FAILED, first.name() + " has no pCPU of node 0: xen:cpupool-cpu-add " + first.name() + " node:0");
		for (int n = 1; n < pools.topology().sockets(); n++) {
			BitSet node = pools.node(n);
			node.stream().filter(first.cpus()::get).forEach(c -> pools.all().removeCpu(first.id(), c));
			CpuPool p = pools.all().create("Pool-node" + n, first.scheduler());
			node.stream().forEach(c -> pools.all().addCpu(p.id(), c));
		}
		BitSet missing = pools.node(0);
		missing.and(pools.all().free());
		missing.stream().forEach(c -> pools.all().addCpu(first.id(), c));
		pools.all().rename(first.id(), "Pool-node0");
		return cpupoolList(false);
	}
}
