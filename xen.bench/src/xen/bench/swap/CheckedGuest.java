package xen.bench.swap;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import xen.bench.process.DebianFiles;
import xen.bench.process.GuestConsole;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.domain.Vcpu;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.DomainSpec;
import xen.toolstack.api.ManagedDomain;

/**
 * Debian's kernel with one shell a vCPU that makes checksums (three forks and a pipe each) and compares each with the right one, and one
 * that only forks. Parameters are set to values that nobody has by chance. The machine is on, in real time.
 */
final class CheckedGuest implements AutoCloseable {
	static final int WEIGHT = 321, GANG = 7;
	private static final Pattern WORKER = Pattern.compile("worker \\d+ ended: (\\d+) rounds, (\\d+) wrong");
	private static final Pattern COMPLAINT = Pattern.compile("(?m)^.*(WARNING:|BUG:|Oops|stalls? on|self-detected stall|soft lockup|hung task|wrong sum \\d).*$");

	/** What the workers said at their end. */
	record Sums(long rounds, long wrong, List<String> complaints) {}

	private final Hypervisor hypervisor;
	private final DomainManager manager;
	private final ManagedDomain domain;
	private final GuestConsole console;

	/** Boots it and starts the load. */
	CheckedGuest(Hypervisor hypervisor, DomainManager manager, DebianFiles files, int vcpus) {
		this.hypervisor = hypervisor;
		this.manager = manager;
		domain = manager.create(DomainSpec.simple("guest", files.kernel(), files.ramdisk(), "console=hvc0", 256, vcpus, null), true);
		console = new GuestConsole(hypervisor, domain);
		hypervisor.setWeight(domid(), WEIGHT, 0);
		vcpus().forEach(v -> hypervisor.setGang(v, GANG));
		hypervisor.setAffinity(vcpus().getLast(), last());
		hypervisor.unpause(domid());
		console.awaitText("a shell in the guest", DebianFiles.MARKER, " # ");
		console.type("right='" + checksum() + "  -'; work() { n=0; bad=0; while [ ! -e /stop ]; do s=$(seq 1 2000 | sha256sum); n=$((n+1)); "
				+ "[ \"$s\" = \"$right\" ] || { bad=$((bad+1)); echo \"wrong sum $1: $s\"; }; done; echo \"worker $1 ended: $n rounds, $bad wrong\"; }\n");
		for (int i = 0; i < vcpus; i++) console.type("work " + i + " &\n");
		console.type("(while [ ! -e /stop ]; do for i in 1 2 3 4 5 6 7 8; do (:) & done; wait; done) &\n");
		console.type("echo loa''ded $(nproc)\n");
		console.awaitText("the load of " + vcpus + " vCPUs", "loaded " + vcpus);
	}

	int domid() { return domain.domid(); }

	List<? extends Vcpu> vcpus() { return domain.domain().vcpus(); }

	/** Where the last vCPU is pinned: the machine's last pCPU. */
	private BitSet last() {
		BitSet b = new BitSet();
		b.set(hypervisor.config().orElseThrow().topology().pcpus() - 1);
		return b;
	}

	/** Parameters that are not what they were set to. */
	int changed() {
		int changed = 0, last = last().nextSetBit(0);
		for (Vcpu v : vcpus()) {
			boolean pinned = v == vcpus().getLast();
			if (v.weight() != WEIGHT) changed++;
			if (v.cap() != 0) changed++;
			if (v.gang() != GANG) changed++;
			for (int p = 0; p <= last; p++) if (v.mayRunOn(p) != (!pinned || p == last)) changed++;
		}
		return changed;
	}

	/** Waits until each vCPU has run on from where it is now; fails when one does not. */
	void awaitProgress() {
		long[] from = retired();
		await("progress of every vCPU: one is lost or starved", () -> {
			long[] now = retired();
			for (int i = 0; i < now.length; i++) if (now[i] <= from[i]) return false;
			return true;
		});
	}

	/** Instructions of each; may be a little old, and only grow. */
	private long[] retired() { return vcpus().stream().mapToLong(v -> v.context().retired()).toArray(); }

	/** Ends the load, powers off, and tells what it found. */
	Sums end() {
		console.type("touch /stop; wait; echo sto''pped\n");
		console.awaitText("the end of the load", "stopped");
		console.type("poweroff -f\n");
		console.awaitPowerOff();
		List<MatchResult> ends = WORKER.matcher(console.text()).results().toList();
		if (ends.size() != vcpus().size()) throw console.failed(ends.size() + " of " + vcpus().size() + " workers came to their end");
		return new Sums(sum(ends, 1), sum(ends, 2), COMPLAINT.matcher(console.text()).results().map(MatchResult::group).toList());
	}

	private static long sum(List<MatchResult> ends, int group) { return ends.stream().mapToLong(m -> Long.parseLong(m.group(group))).sum(); }

	void await(String what, BooleanSupplier condition) { console.await(what, condition); }

	private static String checksum() {
		StringBuilder numbers = new StringBuilder();
		for (int i = 1; i <= 2000; i++) numbers.append(i).append('\n');
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(numbers.toString().getBytes(StandardCharsets.US_ASCII)));
		} catch (NoSuchAlgorithmException e) {
			throw new AssertionError("every Java has SHA-256", e);
		}
	}

	@Override
	public void close() { manager.list().forEach(manager::destroy); }
}
