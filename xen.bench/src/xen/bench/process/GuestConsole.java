package xen.bench.process;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.ManagedDomain;

/** A benchmark at the console of its guest. A wait that takes too long fails with what hypervisor and guest said last. */
public final class GuestConsole {
	private static final long LIMIT_SECONDS = 120, LOOK_NANOS = 200_000;
	private static final int LINES = 15;

	private final Hypervisor hypervisor;
	private final ManagedDomain domain;
	private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

	/** Before the guest runs: everything that it prints is heard. */
	public GuestConsole(Hypervisor hypervisor, ManagedDomain domain) {
		this.hypervisor = hypervisor;
		this.domain = domain;
		domain.attach(this::heard);
	}

	private synchronized void heard(byte[] more) { bytes.writeBytes(more); }

	/** All that was printed, without carriage returns. */
	public synchronized String text() { return bytes.toString(StandardCharsets.ISO_8859_1).replace("\r", ""); }

	public void type(String text) { domain.input(text.getBytes(StandardCharsets.US_ASCII)); }

	/** Waits until all of the texts were printed. */
	public void awaitText(String what, String... texts) {
		await(what, () -> {
			String all = text();
			for (String t : texts) if (!all.contains(t)) return false;
			return true;
		});
	}

	/** Waits for the guest's end. */
	public void awaitPowerOff() { await("power-off", () -> domain.ended().isDone()); }

	public void await(String what, BooleanSupplier condition) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() > end) throw failed("no " + what + " within " + LIMIT_SECONDS + " s; instructions "
					+ domain.domain().vcpus().stream().map(v -> v.context().retired()).toList());
			LockSupport.parkNanos(LOOK_NANOS);
		}
	}

	/** For the caller to throw. */
	public CommandFailure failed(String why) {
		return new CommandFailure(CliCommand.FAILED, why + "\n--- hypervisor\n" + lastLines(hypervisor.dmesg()) + "\n--- guest\n" + lastLines(text()));
	}

	private static String lastLines(String s) {
		List<String> lines = s.lines().toList();
		return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
	}
}
