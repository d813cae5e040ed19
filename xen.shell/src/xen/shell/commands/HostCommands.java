package xen.shell.commands;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.LockReport;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Topology;
import xen.shell.machine.MachineChoice;
import xen.shell.machine.MachineSwitch;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ManagedDomain;

/** The machine as a whole. */
public final class HostCommands {
	private final Hypervisor hypervisor;
	private final DomainManager manager;
	private final MachineSwitch power;

	HostCommands(Hypervisor hypervisor, DomainManager manager, MachineSwitch power) {
		this.hypervisor = hypervisor;
		this.manager = manager;
		this.power = power;
	}

	@Descriptor("describes the machine")
	public String info() {
		Optional<MachineConfig> on = hypervisor.config();
		if (on.isEmpty()) return "The machine is off; xen:create switches it on with these settings:\n" + settings();
		MachineConfig c = on.get();
		Topology t = c.topology();
		StringBuilder s = new StringBuilder();
		line(s, "host", System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
		line(s, "java", Runtime.version());
		line(s, "nr_cpus", t.pcpus());
		line(s, "max_cpu_id", t.pcpus() - 1);
		line(s, "nr_sockets", t.sockets());
		line(s, "cores_per_socket", t.cores());
		line(s, "threads_per_core", t.threads());
		line(s, "cpu_mhz", String.format(Locale.ROOT, "%.3f", c.tscHz() / 1e6));
		line(s, "total_memory", c.memoryBytes() >> 20);
		line(s, "free_memory", hypervisor.freePages() >> 8);
		line(s, "domains", manager.list().size());
		line(s, "xen_scheduler", hypervisor.scheduler());
		line(s, "cpu_engine", hypervisor.engine());
		line(s, "machine_time", c.timeMode().name().toLowerCase(Locale.ROOT) + String.format(Locale.ROOT, ", %.3f s since power-on", hypervisor.timeline().now() / 1e9));
		return s.toString();
	}

	private static void line(StringBuilder s, String key, Object value) {
		s.append(String.format("%-23s: %s%n", key, value));
	}

	private String settings() {
		StringBuilder s = new StringBuilder();
		power.choice().asMap().forEach((k, v) -> line(s, k, v));
		return s.toString();
	}

	@Descriptor("prints the hypervisor's messages and what guests wrote with console_io")
	public String dmesg() {
		return hypervisor.dmesg();
	}

	@Descriptor("tells for how long the core's lock was held and waited for since power-on, and by what; in real time only")
	public String locks() {
		if (hypervisor.config().isEmpty()) throw new CommandFailure(CliCommand.FAILED, "the machine is off");
		LockReport l = hypervisor.lockReport().orElseThrow(() -> new CommandFailure(CliCommand.FAILED, "in virtual time one thread does everything and nobody waits; xen:machine time=real before the power-on"));
		StringBuilder s = new StringBuilder(String.format(Locale.ROOT, "%-28s %10s %10s %10s %10s%n", "", "times", "p50 us", "p99 us", "max us"));
		s.append(String.format(Locale.ROOT, "%-28s %10d %10.1f %10.1f %10.1f%n", "held", l.holds(), l.heldP50() / 1e3, l.heldP99() / 1e3, l.heldMax() / 1e3));
		s.append(String.format(Locale.ROOT, "%-28s %10d %10.1f %10.1f %10.1f%n", "waited for", l.waits(), l.waitP50() / 1e3, l.waitP99() / 1e3, l.waitMax() / 1e3));
		s.append(String.format("%n%-28s %10s %10s %10s %10s%n", "held for", "times", "sum ms", "mean us", "max us"));
		for (LockReport.Work w : l.works())
			s.append(String.format(Locale.ROOT, "%-28s %10d %10.1f %10.1f %10.1f%n", w.name(), w.count(), w.totalNanos() / 1e6, w.totalNanos() / 1e3 / w.count(), w.maxNanos() / 1e3));
		return s.toString();
	}

	@Descriptor("shows or chooses what the next power-on makes: xen:machine memory=4096 topology=1x4x1; xen:machine off switches off")
	public String machine(@Descriptor("SETTING...: off, or KEY=VALUE with memory (MiB), topology, time, scheduler, machine, engine") String... words) throws IOException {
		if (words.length == 0) return (power.on() ? "The machine is on; the next power-on takes these settings:\n" : "The machine is off; its settings are:\n") + settings();
		if (words.length == 1 && words[0].equals("off")) {
			power.off();
			return "";
		}
		MachineChoice c = power.choice();
		for (String w : words) {
			int equals = w.indexOf('=');
			if (equals < 0) throw new CommandFailure(CliCommand.USAGE, "'" + w + "': off or KEY=VALUE is expected; see xen:help machine");
			c = c.with(w.substring(0, equals), w.substring(equals + 1));
		}
		power.choose(c);
		return "";
	}

	@Descriptor("samples what the domains do: CPU time in percent of a pCPU, exits and hypercalls a second of machine time, million instructions a second of host time")
	public void top(@Descriptor("SECONDS: between samples") @Parameter(names = "-d", absentValue = "1") int delay,
			@Descriptor("N: how many samples") @Parameter(names = "-i", absentValue = "1") int samples) throws InterruptedException {
		if (delay < 1 || samples < 1) throw new CommandFailure(CliCommand.USAGE, "-d and -i want positive numbers");
		Sample before = sample();
		for (int i = 0; i < samples; i++) {
			Thread.sleep(delay * 1000L);
			Sample now = sample();
			System.out.print(rates(before, now));
			System.out.flush();
			before = now;
		}
	}

	private Sample sample() {
		return Sample.of(manager.list(), System.nanoTime(), hypervisor.timeline().now());
	}

	String rates(Sample from, Sample to) {
		double host = (to.hostNanos() - from.hostNanos()) / 1e9;
		double machine = Math.max(1, to.machineNanos() - from.machineNanos()) / 1e9;
		StringBuilder s = new StringBuilder(String.format(Locale.ROOT, "%.2f s of host time, %.2f s of machine time%n", host, machine));
		s.append(String.format("%-20s %4s %-6s %10s %7s %9s %9s %9s %6s%n", "Name", "ID", "State", "CPU(sec)", "CPU(%)", "Exits/s", "Hcalls/s", "Mem(MiB)", "MIPS"));
		for (ManagedDomain d : manager.list()) {
			Sample.Counts now = to.domains().get(d.domid());
			if (now == null) continue;
			Sample.Counts was = from.domains().get(d.domid());
			Sample.Counts c = was == null ? now : now.minus(was);
			s.append(String.format(Locale.ROOT, "%-20s %4d %-6s %10.1f %7.1f %9.0f %9.0f %9d %6.1f%n", d.spec().name(), d.domid(), DomainState.letters(d.domain()),
					now.cpuNanos() / 1e9, c.cpuNanos() / 1e7 / machine, c.exits() / machine, c.hypercalls() / machine, d.domain().pages() >> 8, c.instructions() / 1e6 / host));
		}
		return s.toString();
	}
}
