package xen.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import xen.itest.hostile.Activated;
import xen.itest.hostile.Exit;
import xen.itest.hostile.Good;
import xen.itest.hostile.Hidden;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.MachineConfig;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.time.TimeMode;

/** Bundles of drivers that want more than a driver has, on a machine with one disk and a good driver: each gets nothing, the good one goes on. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class DriverConfinementTest {
	private static final long LIMIT_SECONDS = 60;

	@Inject
	private BundleContext context;

	@Inject
	private Hypervisor hypervisor;

	@Inject
	private BlockControl block;

	private ManagedVbd disk;
	private Bundle bundle;

	@Configuration
	public Option[] lab() {
		return new Option[] {Lab.distribution()};
	}

	@Before
	public void on() {
		hypervisor.powerOn(new MachineConfig(64 << 20, new Topology(1, 1, 1), TimeMode.REAL, null, "rr", MachineConfig.DEFAULT_HZ));
		disk = block.create(VbdConfig.simple(1, 51712, "ram", "1M", false, "none"));
		await("the good driver", () -> block.driver().get("state").equals("running"));
		assertEquals("blk", block.driver().get("driver"));
	}

	@After
	public void off() throws Exception {
		if (bundle != null) bundle.uninstall();
		disk.close();
		hypervisor.powerOff();
	}

	private static void await(String what, BooleanSupplier condition) {
		for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS); !condition.getAsBoolean(); LockSupport.parkNanos(1_000_000)) {
			if (System.nanoTime() > end) throw new AssertionError("no " + what);
		}
	}

	private Bundle start(DriverBundle b) throws BundleException {
		bundle = context.installBundle(b.location());
		bundle.start();
		return bundle;
	}

	/** It is the newest, so it is tried; it does not get into place, and the good one does all the time. */
	private void isRefused(DriverBundle b, String why) throws BundleException {
		start(b);
		await("refusal of " + b.name() + ": " + block.driver(), () -> block.driver().get("last.fault").contains(b.name() + " did not start"));
		assertTrue(block.driver().get("last.fault"), block.driver().get("last.fault").contains(why));
		theGoodOneServes();
	}

	private void theGoodOneServes() {
		assertEquals("blk", block.driver().get("driver"));
		assertEquals("running", block.driver().get("state"));
		assertEquals("0", block.driver().get("failures"));
	}

	private void doesNotResolve(DriverBundle b) throws BundleException {
		bundle = context.installBundle(b.location());
		assertThrows(BundleException.class, bundle::start);
		theGoodOneServes();
	}

	@Test
	public void aGoodDriverInABundleOfItsKindTakesOver() throws Exception {
		start(new DriverBundle(Good.class));
		await("the new driver", () -> block.driver().get("driver").equals("test.good"));
		bundle.uninstall();
		bundle = null;
		await("the old driver again", () -> block.driver().get("driver").equals("blk"));
		assertEquals("0", block.driver().get("failures"));
	}

	@Test
	public void aClassThatNamesWhatDriversMayNotIsNotLoaded() throws Exception {
		isRefused(new DriverBundle(Exit.class), "Exit uses ");
	}

	@Test
	public void aClassThatIsLoadedLaterIsCheckedToo() throws Exception {
		isRefused(new DriverBundle(Hidden.class), "Hidden$Later");
		assertNull(System.getProperty("xen.itest.hidden"));
	}

	@Test
	public void aDriverInAnOrdinaryBundleIsNotTaken() throws Exception {
		isRefused(new DriverBundle(Good.class).header("Provide-Capability", null), "does not say that it is a driver's");
	}

	@Test
	public void otherPackagesAreNotThereForADriver() throws Exception {
		for (String p : new String[] {"xen.kernel.api.control", "xen.kernel.api.hw", "org.osgi.framework", "org.osgi.service.component", "ch.qos.logback.core", "sun.misc"}) {
			doesNotResolve(new DriverBundle(Good.class).header("Import-Package", "xen.kernel.api.block," + p));
			bundle.uninstall();
		}
		bundle = null;
	}

	@Test
	public void otherBundlesAreNotThereForADriver() throws Exception {
		doesNotResolve(new DriverBundle(Good.class).header("Require-Bundle", "xen.kernel.api"));
	}

	@Test
	public void aDriverBundleHasNoActivator() throws Exception {
		DriverBundle b = new DriverBundle(Good.class).with(Activated.class).header("Bundle-Activator", Activated.class.getName());
		doesNotResolve(b.header("Import-Package", "xen.kernel.api.block,org.osgi.framework"));
		bundle.uninstall();
		// an activator without its interface is none
		bundle = context.installBundle(b.header("Import-Package", "xen.kernel.api.block").location());
		assertThrows(BundleException.class, bundle::start);
		assertNull(System.getProperty("xen.itest.activated"));
	}

	@Test
	public void aDriverIsNoPartOfAnotherBundleNorAnotherPartOfIt() throws Exception {
		bundle = context.installBundle(new DriverBundle(Good.class).header("Fragment-Host", "xen.kernel").header("Service-Component", null).location());
		assertThrows(BundleException.class, bundle::start);
		assertEquals(Bundle.INSTALLED, bundle.getState());
		bundle.uninstall();
		bundle = context.installBundle(new DriverBundle(Exit.class).header("Provide-Capability", null).header("Fragment-Host", "test.good").header("Service-Component", null).location());
		Bundle host = context.installBundle(new DriverBundle(Good.class).location());
		try {
			host.start();
			assertEquals(Bundle.INSTALLED, bundle.getState());
		} finally {
			host.uninstall();
		}
	}

	@Test
	public void aDriverFindsNoService() throws Exception {
		start(new DriverBundle(Good.class).component("<reference name='x' interface='xen.kernel.api.control.Hypervisor'/>"));
		assertEquals(Bundle.ACTIVE, bundle.getState());
		assertNull("the component has no Hypervisor, so it is not there", bundle.getRegisteredServices());
		assertNull(bundle.getBundleContext().getServiceReference(Hypervisor.class));
		assertNotNull(context.getServiceReference(Hypervisor.class));
		theGoodOneServes();
	}

	@Test
	public void aDriverBringsNothingButADriver() throws Exception {
		start(new DriverBundle(Good.class).component("<property name='osgi.command.scope' value='evil'/><property name='osgi.command.function' value='start'/>"));
		assertEquals("it is registered", 1, bundle.getRegisteredServices().length);
		assertEquals("and nobody's", 0, context.getServiceReferences(BlockDriver.class, "(osgi.command.scope=evil)").size());
		theGoodOneServes();
	}
}
