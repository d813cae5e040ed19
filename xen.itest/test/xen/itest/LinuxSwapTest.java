package xen.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.bundle;

import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Topology;
import xen.toolstack.api.DomainManager;

/** Debian's kernel computes checksums while its scheduler and its machine are updated, swapped and taken away; every sum must be right. */
@RunWith(ExamOrSkip.DebianGuest.class)
@ExamReactorStrategy(PerClass.class)
public class LinuxSwapTest {
	private static final int SWAPS = 100;
	private static final String NUMBERS = "seq 1 20000";

	@Inject
	private BundleContext context;

	@Inject
	private Hypervisor hypervisor;

	@Inject
	private DomainManager manager;

	private RunningGuest guest;

	@Configuration
	public Option[] lab() {
		Debian.Files debian = Debian.fetch("cloud");
		if (debian.missing() == null) {
			System.setProperty("xen.itest.debian.kernel", debian.kernel().toString());
			System.setProperty("xen.itest.debian.ramdisk", debian.busyboxRamdisk().toString());
		}
		return new Option[] {Lab.distribution(), bundle(PolicyBundle.jar().toUri().toString())};
	}

	@Before
	public void boot() {
		guest = new RunningGuest(hypervisor, manager, Path.of(System.getProperty("xen.itest.debian.kernel")), Path.of(System.getProperty("xen.itest.debian.ramdisk")), "console=hvc0",
				256, 1, new Topology(1, 1, 1));
		guest.await("xen-init: ready");
		guest.await(" # ");
	}

	@After
	public void off() {
		guest.close();
	}

	@Test
	public void checksumsStayRightWhateverIsSwapped() throws Exception {
		hypervisor.setWeight(guest.domain.domid(), 333, 0);
		guest.type("(until [ -e /stop ]; do " + NUMBERS + " | sha256sum; done; echo en''ded) &\n");
		guest.await("  -\n");
		Bundle rr = named("xen.sched.rr"), machine = named("xen.hw.x86smp");
		List<WeakReference<ClassLoader>> old = new ArrayList<>();
		for (int i = 0; i < SWAPS; i++) {
			old.add(new WeakReference<>(rr.adapt(BundleWiring.class).getClassLoader()));
			update(rr);
			assertEquals("rr", hypervisor.scheduler());
			// each instance gets to run the guest
			guest.awaitProgress();
		}
		long[] micros = guest.pauses();
		System.out.printf("%d scheduler changes of %d updates of xen.sched.rr under Linux: pause p50 %d, p99 %d, max %d us%n", micros.length, SWAPS, RunningGuest.percentile(micros, 50),
				RunningGuest.percentile(micros, 99), micros[micros.length - 1]);
		hypervisor.selectScheduler("queue");
		guest.awaitProgress();
		hypervisor.selectScheduler("rr");
		guest.awaitProgress();
		rr.stop();
		assertEquals("bypass", hypervisor.scheduler());
		guest.awaitProgress();
		rr.start();
		update(machine);
		guest.awaitProgress();
		for (Vcpu v : guest.domain.domain().vcpus()) assertEquals(333, v.weight());
		RunningGuest.awaitCollected(old);
		end();
	}

	/** Lets the loop make three sums more, however fast the swaps were, then end, and compares all sums. */
	private void end() throws Exception {
		int sums = sums().size();
		guest.await("three more sums", () -> sums().size() >= sums + 3);
		guest.type("touch /stop\n");
		guest.await("ended");
		guest.type("poweroff\n");
		guest.awaitPowerOff();
		List<String> all = sums();
		assertTrue("sums " + all.size(), all.size() > 2);
		StringBuilder numbers = new StringBuilder();
		for (int i = 1; i <= 20000; i++) numbers.append(i).append('\n');
		String right = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(numbers.toString().getBytes(StandardCharsets.US_ASCII)));
		assertEquals(List.of(right), all.stream().distinct().toList());
		assertTrue(guest.console(), guest.console().lines().noneMatch(l -> l.matches(".*(WARNING|BUG:|Oops|rcu: INFO).*")));
	}

	private List<String> sums() {
		return guest.console().lines().filter(l -> l.matches("[0-9a-f]{64}  -")).map(l -> l.substring(0, 64)).toList();
	}

	private Bundle named(String name) {
		return Arrays.stream(context.getBundles()).filter(b -> name.equals(b.getSymbolicName())).findFirst().orElseThrow();
	}

	private static void update(Bundle b) throws Exception {
		try (InputStream in = URI.create(b.getLocation()).toURL().openStream()) {
			b.update(in);
		}
	}
}
