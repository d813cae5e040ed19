package xen.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.bundle;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.control.SwapReport;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Topology;
import xen.toolstack.api.DomainManager;

/** Schedulers and the machine are updated, swapped and stopped under a guest of four busy vCPUs on two pCPUs, which checks its own results. */
@RunWith(ExamOrSkip.SmallGuest.class)
@ExamReactorStrategy(PerClass.class)
public class SwapTest {
	private static final int VCPUS = 4, SWAPS = 100;

	@Inject
	private BundleContext context;

	@Inject
	private Hypervisor hypervisor;

	@Inject
	private DomainManager manager;

	private RunningGuest guest;

	@Configuration
	public Option[] lab() {
		if (Guests.missing().isEmpty()) System.setProperty("xen.itest.guest", Guests.built("work").toString());
		return new Option[] {Lab.distribution(), bundle(PolicyBundle.jar().toUri().toString())};
	}

	@Before
	public void boot() {
		guest = RunningGuest.boot(hypervisor, manager, Path.of(System.getProperty("xen.itest.guest")), null, "rounds=0", 32, VCPUS, new Topology(1, 2, 1));
		guest.await("working");
	}

	@After
	public void off() throws Exception {
		guest.close();
		Bundles.named(context, "xen.sched.rr").start();
		Bundles.named(context, "xen.hw.x86smp").start();
	}

	@Test
	public void aHundredUpdatesOfTheSchedulersBundle() throws Exception {
		hypervisor.setWeight(guest.domain.domid(), 512, 80);
		Bundle rr = Bundles.named(context, "xen.sched.rr");
		List<WeakReference<ClassLoader>> old = new ArrayList<>();
		for (int i = 0; i < SWAPS; i++) {
			old.add(loader(rr));
			Bundles.update(rr);
			assertEquals("rr", hypervisor.scheduler());
			if (i % 10 == 0) guest.awaitProgress();
		}
		guest.awaitProgress();
		for (Vcpu v : guest.domain.domain().vcpus()) {
			assertEquals(512, v.weight());
			assertEquals(80, v.cap());
		}
		report("updates of xen.sched.rr under " + VCPUS + " vCPUs", guest.pauses(), "us");
		passes();
		RunningGuest.awaitCollected(old);
	}

	@Test
	public void aHundredSwapsToAnotherPolicyAndBack() {
		long[] nanos = new long[2 * SWAPS];
		for (int i = 0; i < SWAPS; i++) {
			nanos[2 * i] = swap("rr", "queue");
			nanos[2 * i + 1] = swap("queue", "rr");
			if (i % 10 == 0) guest.awaitProgress();
		}
		guest.awaitProgress();
		Arrays.sort(nanos);
		report("swaps of policies under " + VCPUS + " vCPUs", nanos, "ns");
		assertTrue("p99 of the pause is " + RunningGuest.percentile(nanos, 99) + " ns", RunningGuest.percentile(nanos, 99) < 20_000_000);
		passes();
	}

	@Test
	public void aPolicyThatIsNotThereIsRefusedAndTheOldOneStays() {
		try {
			hypervisor.selectScheduler("nonesuch");
			throw new AssertionError("selected");
		} catch (HypervisorException e) {
			assertTrue(e.getMessage(), e.getMessage().contains("nonesuch") && e.getMessage().contains("queue"));
		}
		assertEquals("rr", hypervisor.scheduler());
		guest.awaitProgress();
		passes();
	}

	@Test
	public void withoutItsSchedulerTheBypassRunsTheGuest() throws Exception {
		Bundle rr = Bundles.named(context, "xen.sched.rr");
		rr.stop();
		assertEquals("bypass", hypervisor.scheduler());
		guest.awaitProgress();
		rr.start();
		assertEquals("rr", hypervisor.scheduler());
		guest.awaitProgress();
		rr.stop();
		passes();
	}

	@Test
	public void updatesOfTheMachineBetweenTwoInstructions() throws Exception {
		Bundle machine = Bundles.named(context, "xen.hw.x86smp");
		for (int i = 0; i < 5; i++) {
			Bundles.update(machine);
			guest.awaitProgress();
		}
		passes();
	}

	@Test
	public void withoutAMachineTheGuestStandsStillUntilOneComes() throws Exception {
		Bundle machine = Bundles.named(context, "xen.hw.x86smp");
		guest.awaitProgress();
		machine.stop();
		long[] still = guest.retired();
		for (int i = 0; i < 20; i++) RunningGuest.pause();
		assertTrue(Arrays.equals(still, guest.retired()));
		machine.start();
		guest.awaitProgress();
		passes();
	}

	/** Asks the guest to end, and looks at what it has to say. */
	private void passes() {
		guest.type("q");
		guest.awaitPowerOff();
		String console = guest.console();
		assertEquals(console, VCPUS, console.lines().filter(l -> l.endsWith("rounds, right")).count());
		assertTrue(console, console.endsWith("PASSED\n"));
	}

	private long swap(String from, String to) {
		SwapReport r = hypervisor.selectScheduler(to);
		assertEquals(from, r.from());
		assertEquals(to, r.to());
		assertEquals("vCPUs handed over", VCPUS, r.vcpus());
		return r.pauseNanos();
	}

	private static void report(String what, long[] ascending, String unit) {
		System.out.printf("%d %s: pause p50 %d, p99 %d, max %d %s%n", ascending.length, what, RunningGuest.percentile(ascending, 50), RunningGuest.percentile(ascending, 99),
				ascending[ascending.length - 1], unit);
	}

	private static WeakReference<ClassLoader> loader(Bundle b) {
		return new WeakReference<>(b.adapt(BundleWiring.class).getClassLoader());
	}
}
