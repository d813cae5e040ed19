package xen.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotEquals;
import static org.junit.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.SavedDomain;
import xen.toolstack.api.Snapshots;

/** A booted Debian with two vCPUs is saved in real time and becomes three: itself and two clones, with other frames, numbers and clocks. */
@RunWith(ExamOrSkip.DebianGuest.class)
@ExamReactorStrategy(PerClass.class)
public class CloneTest {
	@Inject
	private Hypervisor hypervisor;

	@Inject
	private DomainManager manager;

	@Inject
	private Snapshots snapshots;

	private Path file;

	@Configuration
	public Option[] lab() {
		RunningGuest.offer(2);
		return new Option[] {Lab.distribution()};
	}

	@Before
	public void on() throws Exception {
		file = Files.createTempFile("xen-clone", ".snap");
		hypervisor.powerOn(new MachineConfig(900L << 20, new Topology(1, 2, 1), TimeMode.REAL, null, "rr", MachineConfig.DEFAULT_HZ));
	}

	@After
	public void off() throws Exception {
		manager.list().forEach(manager::destroy);
		hypervisor.powerOff();
		Files.deleteIfExists(file);
	}

	/** A domain and what it prints. */
	private static final class Guest {
		final ManagedDomain domain;
		final GuestConsole console = new GuestConsole();

		Guest(ManagedDomain domain) {
			this.domain = domain;
			domain.attach(console::heard);
		}

		void type(String text) {
			domain.input(text.getBytes(StandardCharsets.UTF_8));
		}

		void await(String text) {
			assertTrue("no '" + text + "' on the console of " + domain.spec().name() + ":\n" + console.text(), console.await(text));
		}
	}

	@Test
	public void oneBecomesThree() throws Exception {
		Guest first = new Guest(snapshots.restore(Path.of(System.getProperty(RunningGuest.BOOTED)), "first", true, false));
		hypervisor.unpause(first.domain.domid());
		first.type("mkdir -p /x; echo kept > /x/file; echo do''ne\n");
		first.await("done");
		SavedDomain saved = snapshots.save(first.domain, file, Snapshots.Moment.SETTLED, true).get(60, TimeUnit.SECONDS);
		assertTrue(saved.toString(), saved.settled());
		Guest[] all = {first, clone("second"), clone("third")};
		for (Guest g : all) g.type("for i in 1 2 3; do cat /x/file; done | sort | uniq -c; seq 1 2000 | md5sum; grep -c processor /proc/cpuinfo; sleep 0.1; dmesg | grep -cE 'BUG:|WARNING:|Oops:|rcu.*stall'; poweroff\n");
		for (Guest g : all) {
			g.await("3 kept");
			g.domain.ended().get(120, TimeUnit.SECONDS);
			assertEquals(g.console.text(), ShutdownReason.POWEROFF, g.domain.ended().get().reason());
			assertTrue(g.console.text(), g.console.text().contains("\n2\n0\n"));
		}
	}

	private Guest clone(String name) {
		Guest g = new Guest(snapshots.restore(file, name, true, false));
		assertEquals(name, g.domain.domain().name());
		assertNotEquals(1, g.domain.domid());
		hypervisor.unpause(g.domain.domid());
		return g;
	}
}
