package xen.itest;

import static org.junit.Assert.assertEquals;
import static org.ops4j.pax.exam.CoreOptions.bundle;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
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
import xen.toolstack.api.Snapshots;

/** Debian's kernel computes checksums while its scheduler and its machine are updated, swapped and taken away; every sum must be right. */
@RunWith(ExamOrSkip.DebianGuest.class)
@ExamReactorStrategy(PerClass.class)
public class LinuxSwapTest {
	private static final int SWAPS = 100;

	@Inject
	private BundleContext context;

	@Inject
	private Hypervisor hypervisor;

	@Inject
	private DomainManager manager;

	private RunningGuest guest;

	@Inject
	private Snapshots snapshots;

	@Configuration
	public Option[] lab() {
		RunningGuest.offer(1);
		return new Option[] {Lab.distribution(), bundle(PolicyBundle.jar().toUri().toString())};
	}

	@Before
	public void on() {
		guest = RunningGuest.booted(hypervisor, manager, snapshots, new Topology(1, 1, 1));
	}

	@After
	public void off() {
		guest.close();
	}

	@Test
	public void checksumsStayRightWhateverIsSwapped() throws Exception {
		hypervisor.setWeight(guest.domain.domid(), 333, 0);
		ChecksumLoad load = new ChecksumLoad(guest, 1);
		Bundle rr = Bundles.named(context, "xen.sched.rr"), machine = Bundles.named(context, "xen.hw.x86smp");
		List<WeakReference<ClassLoader>> old = new ArrayList<>();
		for (int i = 0; i < SWAPS; i++) {
			old.add(new WeakReference<>(rr.adapt(BundleWiring.class).getClassLoader()));
			Bundles.update(rr);
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
		Bundles.update(machine);
		guest.awaitProgress();
		for (Vcpu v : guest.domain.domain().vcpus()) assertEquals(333, v.weight());
		RunningGuest.awaitCollected(old);
		load.end();
	}
}
