package xen.shell.commands;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.Vcpu;
import xen.shell.machine.MachineSwitch;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;

/** Lives of domains. */
public final class DomainCommands {
	private final Hypervisor hypervisor;
	private final DomainManager manager;
	private final MachineSwitch power;
	private final Domains domains;

	DomainCommands(Hypervisor hypervisor, DomainManager manager, MachineSwitch power) {
		this.hypervisor = hypervisor;
		this.manager = manager;
		this.power = power;
		domains = new Domains(manager);
	}

	@Descriptor("lists domains: memory in MiB, states r(unning) b(locked) p(aused) s(hut down) c(rashed) d(ying), seconds of CPU time")
	public String list(@Descriptor("DOMAIN...: names or numbers; all when left away") String... names) {
		StringBuilder s = new StringBuilder("Name                                        ID   Mem VCPUs\tState\tTime(s)\n");
		if (names.length == 0) {
			row(s, "Domain-0", 0, Runtime.getRuntime().totalMemory() >> 20, Runtime.getRuntime().availableProcessors(), "r-----",
					ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(0L));
		}
		for (ManagedDomain m : domains.needAll(names)) {
			Domain d = m.domain();
			row(s, m.spec().name(), d.id(), d.pages() >> 8, d.vcpus().size(), DomainState.letters(d), d.vcpus().stream().mapToLong(Vcpu::cpuNanos).sum());
		}
		return s.toString();
	}

	private static void row(StringBuilder s, String name, int id, long mib, int vcpus, String state, long nanos) {
		s.append(String.format(Locale.ROOT, "%-40s %5d %5d %5d     %s  %8.1f%n", name, id, mib, vcpus, state, nanos / 1e9));
	}

	@Descriptor("makes a domain of an xl.cfg file and starts it; the first one switches the machine on")
	public String create(CommandSession session,
			@Descriptor("attach to its console") @Parameter(names = {"-c", "--console"}, presentValue = "true", absentValue = "false") boolean console,
			@Descriptor("leave it paused") @Parameter(names = {"-p", "--paused"}, presentValue = "true", absentValue = "false") boolean paused,
			@Descriptor("FILE: configuration, see xl.cfg(5)") String file) throws Exception {
		DomainSpec spec = manager.read(Path.of(file), w -> System.err.println("xen: warning: " + w));
		power.on(MachineSwitch.terminal());
		// a console that shall miss nothing is attached before the first instruction
		ManagedDomain d = manager.create(spec, paused || console);
		if (!console) return "";
		try (Keyboard keys = Keyboard.of(session)) {
			new ConsoleSession(d, keys, System.out).run(() -> {
				if (!paused) hypervisor.unpause(d.domid());
			});
		}
		return "";
	}

	@Descriptor("stops a domain until it is unpaused; counted: two pauses need two unpauses")
	public void pause(@Descriptor("DOMAIN: name or number") String domain) {
		hypervisor.pause(domains.need(domain).domid());
	}

	@Descriptor("lets a paused domain go on")
	public void unpause(@Descriptor("DOMAIN: name or number") String domain) {
		hypervisor.unpause(domains.need(domain).domid());
	}

	@Descriptor("asks the guest to power off, through xenstore; a guest that does not listen goes on")
	public void shutdown(
			@Descriptor("wait until it is gone") @Parameter(names = {"-w", "--wait"}, presentValue = "true", absentValue = "false") boolean wait,
			@Descriptor("SECONDS: how long -w waits") @Parameter(names = "-t", absentValue = "120") int seconds,
			@Descriptor("DOMAIN: name or number") String domain) throws InterruptedException, ExecutionException {
		ManagedDomain d = running(domain);
		int before = d.domid();
		manager.shutdown(d);
		if (wait) await(d, before, seconds, "power off");
	}

	@Descriptor("asks the guest to restart, through xenstore")
	public void reboot(
			@Descriptor("wait until the new one runs") @Parameter(names = {"-w", "--wait"}, presentValue = "true", absentValue = "false") boolean wait,
			@Descriptor("SECONDS: how long -w waits") @Parameter(names = "-t", absentValue = "120") int seconds,
			@Descriptor("DOMAIN: name or number") String domain) throws InterruptedException, ExecutionException {
		ManagedDomain d = running(domain);
		int before = d.domid();
		manager.reboot(d);
		if (wait) await(d, before, seconds, "restart");
	}

	private ManagedDomain running(String domain) {
		ManagedDomain d = domains.need(domain);
		if (d.domain().state() == xen.kernel.api.domain.DomainState.PAUSED) {
			throw new CommandFailure(CliCommand.FAILED, domain + " is paused and cannot hear it: xen:unpause " + domain + " first");
		}
		if (d.ended().isDone()) {
			throw new CommandFailure(CliCommand.FAILED, domain + " has ended already and is kept for inspection: xen:destroy " + domain + " removes it");
		}
		return d;
	}

	/** Gone, or another incarnation. */
	private static void await(ManagedDomain d, int domid, int seconds, String what) throws InterruptedException, ExecutionException {
		long end = System.nanoTime() + seconds * 1_000_000_000L;
		while (d.domid() == domid) {
			try {
				d.ended().get(100, TimeUnit.MILLISECONDS);
				return;
			} catch (TimeoutException e) {
				if (System.nanoTime() > end) {
					throw new CommandFailure(CliCommand.LIMIT, d.spec().name() + " did not " + what + " in " + seconds + " s: wait longer with -t, or xen:destroy it");
				}
			}
		}
	}

	@Descriptor("ends a domain at once and takes back everything it has")
	public void destroy(@Descriptor("DOMAIN: name or number") String domain) {
		manager.destroy(domains.need(domain));
	}

	@Descriptor("gives a domain another name")
	public void rename(@Descriptor("DOMAIN: name or number") String domain, @Descriptor("NAME: the new one") String name) {
		manager.rename(domains.need(domain), name);
	}

	@Descriptor("shows for how long domains have run, in machine time")
	public String uptime(@Descriptor("DOMAIN...: names or numbers; all when left away") String... names) {
		StringBuilder s = new StringBuilder(String.format("%-33s %4s %s%n", "Name", "ID", "Uptime"));
		long now = hypervisor.timeline().now();
		if (names.length == 0) s.append(uptime("Domain-0", 0, now));
		for (ManagedDomain d : domains.needAll(names)) {
			s.append(uptime(d.spec().name(), d.domid(), now - d.startedNanos()));
		}
		return s.toString();
	}

	private static String uptime(String name, int id, long nanos) {
		Duration t = Duration.ofNanos(nanos);
		return String.format("%-33s %4d %d days, %2d:%02d:%02d%n", name, id, t.toDays(), t.toHoursPart(), t.toMinutesPart(), t.toSecondsPart());
	}
}
