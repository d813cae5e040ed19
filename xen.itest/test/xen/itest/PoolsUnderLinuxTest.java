package xen.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.BitSet;
import java.util.Dictionary;
import java.util.Hashtable;
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
import org.osgi.service.cm.ConfigurationAdmin;
import xen.kernel.api.control.CpuPools;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.hw.Topology;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.Snapshots;

/**
 * Debian's kernel with two vCPUs computes checksums while it is moved between CPU pools with different schedulers, the pools' pCPUs and
 * schedulers change, and a policy gets other parameters through Config Admin; every sum must be right and nothing of the guest's changed.
 */
@RunWith(ExamOrSkip.DebianGuest.class)
@ExamReactorStrategy(PerClass.class)
public class PoolsUnderLinuxTest {
	private static final int MOVES = 40;

	@Inject
	private Hypervisor hypervisor;

	@Inject
	private DomainManager manager;

	@Inject
	private ConfigurationAdmin configurations;

	private RunningGuest guest;

	@Inject
	private Snapshots snapshots;

	@Configuration
	public Option[] lab() {
		RunningGuest.offer(2);
		return new Option[] {Lab.distribution()};
	}

	@Before
	public void on() {
		guest = RunningGuest.booted(hypervisor, manager, snapshots, new Topology(1, 4, 1));
	}

	@After
	public void off() {
		guest.close();
	}

	@Test
	public void aGuestMovesBetweenPoolsAndAPolicyChangesUnderIt() throws Exception {
		CpuPools pools = hypervisor.cpuPools();
		int batch = pools.create("batch", "credit").id();
		for (int c = 2; c < 4; c++) {
			pools.removeCpu(0, c);
			pools.addCpu(batch, c);
		}
		hypervisor.setWeight(guest.domain.domid(), 333, 0);
		ChecksumLoad load = new ChecksumLoad(guest, 2);
		for (int i = 0; i < MOVES; i++) {
			int to = i % 2 == 0 ? batch : 0;
			pools.move(guest.domain.domid(), to);
			if (i % 5 == 0) pools.selectScheduler(to, List.of("gang", "bvt", "credit", "rr").get(i / 5 % 4));
			if (i % 7 == 0) {
				// the last pCPU but one of the pool that it runs in
				BitSet of = pools.list().get(to).cpus();
				pools.removeCpu(to, of.nextSetBit(0));
				pools.addCpu(to, of.nextSetBit(0));
			}
			guest.awaitProgress();
			// an exit that was being handled during the move may have counted as progress
			guest.awaitProgress();
			for (Vcpu v : guest.domain.domain().vcpus()) assertTrue(v + " on " + v.lastPcpu(), pools.list().get(to).cpus().get(v.lastPcpu()));
		}
		pools.move(guest.domain.domid(), 0);
		pools.selectScheduler(0, "rr");
		reconfigures();
		for (Vcpu v : guest.domain.domain().vcpus()) assertEquals(333, v.weight());
		assertEquals(0, (long) hypervisor.schedulerFigures().get("core.failures"));
		load.end();
	}

	/** A slice of a quarter of a millisecond instead of ten: the scheduler in charge decides far more often, and is the same instance. */
	private void reconfigures() throws Exception {
		BitSet one = new BitSet();
		one.set(0);
		for (Vcpu v : guest.domain.domain().vcpus()) hypervisor.setAffinity(v, one);
		guest.awaitProgress();
		long swaps = hypervisor.schedulerFigures().get("core.swaps");
		long picks = hypervisor.schedulerFigures().get("rr.picks");
		double before = picksPerSecond();
		Dictionary<String, Object> quick = new Hashtable<>();
		quick.put("slice.us", 250L);
		configurations.getConfiguration("xen.sched.rr.RrComponent", "?").update(quick);
		guest.await("more decisions than " + before + " a second", () -> picksPerSecond() > 3 * before);
		assertEquals("no swap was needed", swaps, (long) hypervisor.schedulerFigures().get("core.swaps"));
		assertTrue("its counts went on", hypervisor.schedulerFigures().get("rr.picks") > picks);
		configurations.getConfiguration("xen.sched.rr.RrComponent", "?").delete();
	}

	private double picksPerSecond() {
		long picks = hypervisor.schedulerFigures().get("rr.picks");
		long from = hypervisor.timeline().now();
		for (int i = 0; i < 60; i++) RunningGuest.pause();
		return (hypervisor.schedulerFigures().get("rr.picks") - picks) * 1e9 / (hypervisor.timeline().now() - from);
	}
}
