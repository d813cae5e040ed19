package xen.bench.driver;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import xen.bench.process.DebianFiles;
import xen.bench.process.GuestConsole;
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
	private static final Pattern ROUND = Pattern.compile("(?m)^round (\\d+) wrong (\\d+)$");
	private static final Pattern COMPLAINT = Pattern.compile("(?m)^.*(I/O error|EXT4-fs error|BUG:|Oops|WARNING:|hung task).*$");

	private final DomainManager manager;
	private final ManagedDomain domain;
	private final GuestConsole console;

	/** Boots it and starts the load. */
	DiskGuest(Hypervisor hypervisor, DomainManager manager, DebianFiles files, Path image) {
		this.manager = manager;
		domain = manager.create(DomainSpec.simple("guest", files.kernel(), files.ramdisk(), "console=hvc0 root=/dev/xvda rw", 256, 1, null)
				.withDisks(List.of("format=raw,vdev=xvda,access=rw,target=" + image)), true);
		console = new GuestConsole(hypervisor, domain);
		hypervisor.unpause(domain.domid());
		console.awaitText("a shell on the root disk", "xen-root: ready", " # ");
		console.type("dmesg -n 4; dd if=/dev/urandom of=/run/ref bs=1M count=" + MIB + " 2>/dev/null\n");
		console.type("work() { n=0; bad=0; while [ ! -e /run/stop ]; do dd if=/run/ref of=/root/f bs=256k conv=fsync 2>/run/e || bad=$((bad+1)); "
				+ "echo 3 >/proc/sys/vm/drop_caches; cmp /run/ref /root/f || bad=$((bad+1)); n=$((n+1)); echo round $n wrong $bad; done; }\n");
		console.type("work &\n");
		await("the first round of the load", () -> rounds() > 0);
	}

	/** Rounds that are done. */
	int rounds() { return last(1); }

	private int last(int group) {
		Matcher m = ROUND.matcher(console.text());
		int n = 0;
		while (m.find()) n = Integer.parseInt(m.group(group));
		return n;
	}

	/** Ends the load, powers off, and tells how many comparisons and writes failed. */
	int end() {
		console.type("touch /run/stop; wait; sync; echo sto''pped; dmesg -n 7; dmesg | grep -E 'I/O err[o]r|EXT4-fs err[o]r'; mount -o remount,ro /; poweroff -f\n");
		console.awaitText("the end of the load", "stopped");
		console.awaitPowerOff();
		Matcher m = COMPLAINT.matcher(console.text());
		if (m.find()) throw console.failed("the guest noticed: " + m.group());
		return last(2);
	}

	void await(String what, BooleanSupplier condition) { console.await(what, condition); }

	@Override
	public void close() { manager.list().forEach(manager::destroy); }
}
