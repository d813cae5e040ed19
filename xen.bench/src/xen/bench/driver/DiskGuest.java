package xen.bench.driver;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import xen.bench.process.DebianFiles;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;

/**
 * Debian on an ext4 root disk that writes a file to it, forces it out, forgets it, reads it back and compares, again and again. The
 * original is in its memory. The machine is on, in real time.
 */
final class DiskGuest implements AutoCloseable {
	/** Size of the file; a round moves it twice. */
	static final int MIB = 16;
	private static final long LIMIT_SECONDS = 120;
	private static final Pattern ROUND = Pattern.compile("(?m)^round (\\d+) wrong (\\d+)$");
	private static final Pattern COMPLAINT = Pattern.compile("(?m)^.*(I/O error|EXT4-fs error|BUG:|Oops|WARNING:|hung task).*$");

	private final Hypervisor hypervisor;
	private final DomainManager manager;
	private final ManagedDomain domain;
	private final ByteArrayOutputStream console = new ByteArrayOutputStream();

	/** Boots it and starts the load. */
	DiskGuest(Hypervisor hypervisor, DomainManager manager, DebianFiles files, Path image) {
		this.hypervisor = hypervisor;
		this.manager = manager;
		domain = manager.create(DomainSpec.simple("guest", files.kernel(), files.ramdisk(), "console=hvc0 root=/dev/xvda rw", 256, 1, null)
				.withDisks(List.of("format=raw,vdev=xvda,access=rw,target=" + image)), true);
		domain.attach(this::heard);
		hypervisor.unpause(domain.domid());
		await("a shell on the root disk", () -> text().contains("xen-root: ready") && text().contains(" # "));
		type("dmesg -n 4; dd if=/dev/urandom of=/run/ref bs=1M count=" + MIB + " 2>/dev/null\n");
		type("work() { n=0; bad=0; while [ ! -e /run/stop ]; do dd if=/run/ref of=/root/f bs=256k conv=fsync 2>/run/e || bad=$((bad+1)); "
				+ "echo 3 >/proc/sys/vm/drop_caches; cmp /run/ref /root/f || bad=$((bad+1)); n=$((n+1)); echo round $n wrong $bad; done; }\n");
		type("work &\n");
		await("the first round of the load", () -> rounds() > 0);
	}

	/** Rounds that are done. */
	int rounds() { return last(1); }

	private int last(int group) {
		Matcher m = ROUND.matcher(text());
		int n = 0;
		while (m.find()) n = Integer.parseInt(m.group(group));
		return n;
	}

	/** Ends the load, powers off, and tells how many comparisons and writes failed. */
	int end() {
		type("touch /run/stop; wait; sync; echo sto''pped; dmesg -n 7; dmesg | grep -E 'I/O err[o]r|EXT4-fs err[o]r'; mount -o remount,ro /; poweroff -f\n");
		await("the end of the load", () -> text().contains("stopped"));
		await("power-off", () -> domain.ended().isDone());
		Matcher m = COMPLAINT.matcher(text());
		if (m.find()) throw failed("the guest noticed: " + m.group());
		return last(2);
	}

	void await(String what, BooleanSupplier condition) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() > end) throw failed("no " + what + " within " + LIMIT_SECONDS + " s");
			LockSupport.parkNanos(500_000);
		}
	}

	private CommandFailure failed(String why) {
		return new CommandFailure(CliCommand.FAILED, why + "\n--- hypervisor\n" + lastLines(hypervisor.dmesg()) + "\n--- guest\n" + lastLines(text()));
	}

	private static String lastLines(String s) {
		List<String> lines = s.lines().toList();
		return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
	}

	private synchronized void heard(byte[] more) { console.writeBytes(more); }

	private synchronized String text() { return console.toString(StandardCharsets.ISO_8859_1).replace("\r", ""); }

	private void type(String text) { domain.input(text.getBytes(StandardCharsets.US_ASCII)); }

	@Override
	public void close() { manager.list().forEach(manager::destroy); }
}
