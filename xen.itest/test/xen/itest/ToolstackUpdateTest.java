package xen.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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
import xen.kernel.api.domain.DomainState;
import xen.kernel.api.hw.Topology;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.Snapshots;
import xen.toolstack.api.VirtualDisks;
import xen.toolstack.api.XenStore;

/**
 * The tool stack is updated, and stopped and started, under a Debian guest that prints numbered lines, reads its disk, and writes and
 * reads xenstore through /dev/xen/xenbus. The guest goes on; each line, each key and each change of the store is there exactly once.
 */
@RunWith(ExamOrSkip.DebianGuest.class)
@ExamReactorStrategy(PerClass.class)
public class ToolstackUpdateTest {
	private static final int ROUNDS = 6;
	/** A request (type, id, transaction, length, payload) and its answer, in the words of xs_wire.h. */
	private static final String LOAD = """
			load() {
			exec 3<>/dev/xen/xenbus
			until [ -b /dev/xvda ] && [ "$(cat /sys/block/xvda/size)" = 4096 ]; do sleep 0.1; done
			sum=$(dd if=/dev/xvda bs=64k count=16 iflag=direct 2>/dev/null | md5sum)
			n=1000
			while [ ! -e /stop ]; do
			n=$((n+1))
			printf '\\013\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\013\\0\\0\\0data/n\\0%s' $n >&3
			[ "$(dd bs=19 count=1 <&3 2>/dev/null | tail -c 3 | tr -d '\\0')" = OK ] || echo "no wr""ite $n"
			printf '\\002\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\007\\0\\0\\0data/n\\0' >&3
			[ "$(dd bs=20 count=1 <&3 2>/dev/null | tail -c 4)" = $n ] || echo "wr""ong read $n"
			[ "$(dd if=/dev/xvda bs=64k count=16 iflag=direct 2>/dev/null | md5sum)" = "$sum" ] || echo "wr""ong disk $n"
			echo "li""ne $n."
			done
			echo "st""opped $n"
			}
			load &
			""";

	@Inject
	private BundleContext context;

	@Inject
	private Hypervisor hypervisor;

	@Inject
	private DomainManager manager;

	@Inject
	private Snapshots snapshots;

	private RunningGuest guest;
	private Bundle toolstack;

	@Configuration
	public Option[] lab() {
		RunningGuest.offer(1);
		return new Option[] {Lab.distribution()};
	}

	@Before
	public void on() {
		toolstack = Bundles.named(context, "xen.toolstack");
		guest = RunningGuest.booted(hypervisor, manager, snapshots, new Topology(1, 1, 1));
		guest.domain.disks().attach("ram:2M,raw,xvda,rw");
		guest.await("the disk in the guest", () -> guest.domain.disks().list().getFirst().state() == 4);
		// the first tool stack is to be collected, too
		manager = null;
		snapshots = null;
	}

	@After
	public void off() throws Exception {
		toolstack.start();
		service(DomainManager.class).list().forEach(service(DomainManager.class)::destroy);
		hypervisor.powerOff();
	}

	private <T> T service(Class<T> type) {
		return context.getService(context.getServiceReference(type));
	}

	@Test
	public void theGuestGoesOnAndNothingIsLost() throws Exception {
		guest.type(LOAD);
		guest.await("line 1003.");
		int domid = guest.domain.domid();
		List<WeakReference<ClassLoader>> old = new ArrayList<>();
		for (int i = 0; i < ROUNDS; i++) {
			guest.type("echo ty''ped " + i + ".\n");
			if (i % 2 == 0) {
				old.add(new WeakReference<>(toolstack.adapt(BundleWiring.class).getClassLoader()));
				Bundles.update(toolstack);
			} else {
				toolstack.stop();
				assertEquals(DomainState.RUNNING, hypervisor.domain(domid).orElseThrow().state());
				toolstack.start();
			}
			guest.lookAgain(service(DomainManager.class));
			assertEquals(domid, guest.domain.domid());
			int next = lines().getLast() + 3;
			guest.await("line " + next + ".");
			guest.await("typed " + i + ".");
			assertTrue(number() + " of " + next, number() >= next);
			VirtualDisks.Disk disk = guest.domain.disks().list().getFirst();
			long answered = disk.counters().get("answered");
			assertEquals("xvda", disk.vdev());
			guest.await("the disk's answers", () -> guest.domain.disks().list().getFirst().counters().get("answered") > answered);
		}
		guest.type("touch /stop\n");
		guest.await("stopped ");
		List<Integer> all = lines();
		assertEquals(IntStream.rangeClosed(1001, all.getLast()).boxed().toList(), all);
		for (int i = 0; i < ROUNDS; i++) assertEquals(1, guest.console().split("typed " + i + "\\.", -1).length - 1);
		assertTrue(guest.console(), guest.console().lines().noneMatch(l -> l.matches(".*(no write|wrong|BUG:|WARNING|rcu: INFO).*")));
		RunningGuest.awaitCollected(old);
		// the kernel's own watch is attached again, too
		service(DomainManager.class).shutdown(guest.domain);
		guest.awaitPowerOff();
		assertTrue(service(DomainManager.class).list().isEmpty());
	}

	/** Numbers of the lines that are whole, in their order. */
	private List<Integer> lines() {
		return guest.console().lines().filter(l -> l.matches(".*line \\d+\\.")).map(l -> Integer.parseInt(l.replaceAll(".*line (\\d+)\\.", "$1"))).toList();
	}

	/** What the guest wrote into the store last. */
	private int number() {
		return Integer.parseInt(service(XenStore.class).read("/local/domain/" + guest.domain.domid() + "/data/n").orElseThrow());
	}
}
