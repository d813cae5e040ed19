package xen.itest;

import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.Snapshots;

/** A guest on a machine that was switched on for it, in real time, and what tests want to know of it. Inside the framework, but for {@link #offer}. */
final class RunningGuest implements AutoCloseable {
	/** Property with the name of the snapshot that {@link #offer} got. */
	static final String BOOTED = "xen.itest.debian.booted";
	private static final long LIMIT_SECONDS = 120;
	private static final Pattern PAUSE = Pattern.compile("scheduler .* paused for (\\d+) us");

	private final Hypervisor hypervisor;
	private DomainManager manager;
	ManagedDomain domain;
	private GuestConsole console = new GuestConsole();

	private RunningGuest(Hypervisor hypervisor, DomainManager manager, int memoryMib, Topology topology, Supplier<ManagedDomain> made) {
		this.hypervisor = hypervisor;
		this.manager = manager;
		hypervisor.powerOn(new MachineConfig((memoryMib * 17L / 16 + 64) << 20, topology, TimeMode.REAL, null, "rr", MachineConfig.DEFAULT_HZ));
		try {
			domain = made.get();
			domain.attachWithLog(console::heard);
			hypervisor.unpause(domain.domid());
		} catch (RuntimeException e) {
			hypervisor.powerOff();
			throw e;
		}
	}

	/** @param disks in the words of xl.cfg */
	static RunningGuest boot(Hypervisor hypervisor, DomainManager manager, Path kernel, Path ramdisk, String commandLine, int memoryMib, int vcpus, Topology topology, String... disks) {
		DomainSpec spec = DomainSpec.simple("guest", kernel, ramdisk, commandLine, memoryMib, vcpus, null).withDisks(List.of(disks));
		return new RunningGuest(hypervisor, manager, memoryMib, topology, () -> manager.create(spec, true));
	}

	/** Debian at its shell's prompt, from the snapshot that {@link #offer} got. */
	static RunningGuest booted(Hypervisor hypervisor, DomainManager manager, Snapshots snapshots, Topology topology) {
		RunningGuest g = new RunningGuest(hypervisor, manager, 256, topology, () -> snapshots.restore(Path.of(System.getProperty(BOOTED)), "guest", true, false));
		g.await(" # ");
		return g;
	}

	/** Outside of the framework, before it starts: has the snapshot for {@link #booted} ready. */
	static void offer(int vcpus) {
		if (Debian.missing("cloud").isEmpty()) System.setProperty(BOOTED, Debian.booted(vcpus).toString());
	}

	/** The tool stack was replaced: goes on with what the new one has. The console is then what the tool stack remembers, from its begin. */
	void lookAgain(DomainManager now) {
		manager = now;
		domain = now.find("guest").orElseThrow();
		console = new GuestConsole();
		domain.attachWithLog(console::heard);
	}

	String console() {
		return console.text();
	}

	void type(String text) {
		domain.input(text.getBytes(StandardCharsets.UTF_8));
	}

	/** Waits for the console to have printed it. */
	void await(String text) {
		if (!console.await(text)) throw missing("'" + text + "' on the console");
	}

	/** Waits for the guest's clean end. */
	void awaitPowerOff() {
		await("the end of the guest", () -> domain.ended().isDone());
		ManagedDomain.End end = domain.ended().join();
		if (end.reason() != ShutdownReason.POWEROFF) throw new AssertionError("ended by " + end.reason() + "\n" + end.report() + "\n" + console());
	}

	/** Waits until each vCPU has run on from where it is now: none is lost, none is starved. */
	void awaitProgress() {
		long[] from = retired();
		await("progress of every vCPU", () -> {
			long[] now = retired();
			for (int i = 0; i < now.length; i++) if (now[i] <= from[i]) return false;
			return true;
		});
	}

	/** Instructions of each vCPU. */
	long[] retired() {
		List<? extends Vcpu> vcpus = domain.domain().vcpus();
		long[] all = new long[vcpus.size()];
		hypervisor.quiesced(() -> Arrays.setAll(all, i -> vcpus.get(i).context().retired()));
		return all;
	}

	void await(String what, BooleanSupplier condition) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() > end) throw missing(what);
			pause();
		}
	}

	private AssertionError missing(String what) {
		return new AssertionError("no " + what + " within " + LIMIT_SECONDS + " s; instructions " + Arrays.toString(retired()) + "\n" + lastLines(hypervisor.dmesg()) + "\n" + lastLines(console()));
	}

	private static String lastLines(String text) {
		List<String> lines = text.lines().toList();
		return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
	}

	static void pause() {
		try {
			TimeUnit.MILLISECONDS.sleep(5);
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(e);
		}
	}

	/** Microseconds of the scheduler swaps in the core's log, ascending. */
	long[] pauses() {
		Matcher m = PAUSE.matcher(hypervisor.dmesg());
		return m.results().mapToLong(r -> Long.parseLong(r.group(1))).sorted().toArray();
	}

	static void awaitCollected(List<WeakReference<ClassLoader>> loaders) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		long left;
		while ((left = loaders.stream().filter(l -> l.get() != null).count()) > 0) {
			if (System.nanoTime() > end) throw new AssertionError(left + " of " + loaders.size() + " old class loaders are still held");
			System.gc();
			pause();
		}
	}

	/** The given percentile of ascending figures. */
	static long percentile(long[] ascending, int p) {
		return ascending[Math.min(ascending.length - 1, ascending.length * p / 100)];
	}

	@Override
	public void close() {
		manager.list().forEach(manager::destroy);
		hypervisor.powerOff();
	}
}
