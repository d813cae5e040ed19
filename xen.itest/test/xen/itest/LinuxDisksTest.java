package xen.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.RandomAccessFile;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
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
import xen.itest.hostile.Tireless;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.FaultInjection;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.hw.Topology;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.VirtualDisks;

/** Debian on its ext4 root disk, in real time: disks come, grow and go, and their driver is updated, killed and hung under it. */
@RunWith(ExamOrSkip.DebianGuest.class)
@ExamReactorStrategy(PerClass.class)
public class LinuxDisksTest {
	private static final int UPDATES = 10;

	@Inject
	private BundleContext context;

	@Inject
	private Hypervisor hypervisor;

	@Inject
	private DomainManager manager;

	@Inject
	private BlockControl block;

	@Inject
	private org.osgi.service.cm.ConfigurationAdmin admin;

	private RunningGuest guest;
	private Path folder;
	private int marks;

	@Configuration
	public Option[] lab() throws Exception {
		Path f = Files.createTempDirectory("xen-disks-");
		Xen.Outcome o = Xen.run("debian", "--fetch-only", "--disk", "--root-disk", f.resolve("root.img").toString());
		if (o.status() == 0) {
			String[] names = o.out().lines().toArray(String[]::new);
			System.setProperty("xen.itest.disks.kernel", names[0]);
			System.setProperty("xen.itest.disks.ramdisk", Files.copy(Path.of(names[1]), f.resolve("initramfs")).toString());
			System.setProperty("xen.itest.disks.folder", f.toString());
		}
		return new Option[] {Lab.distribution()};
	}

	@Before
	public void boot() {
		folder = Path.of(System.getProperty("xen.itest.disks.folder"));
		guest = RunningGuest.boot(hypervisor, manager, Path.of(System.getProperty("xen.itest.disks.kernel")), Path.of(System.getProperty("xen.itest.disks.ramdisk")),
				"console=hvc0 root=/dev/xvda rw", 256, 1, new Topology(1, 1, 1), "format=raw,vdev=xvda,access=rw,target=" + folder.resolve("root.img"));
		guest.await("xen-root: ready");
		guest.await(" # ");
	}

	@After
	public void off() throws Exception {
		guest.close();
		for (String name : List.of("root.img", "initramfs", "data.img", "cd.img")) Files.deleteIfExists(folder.resolve(name));
		Files.deleteIfExists(folder);
	}

	/** What was typed and what the guest printed for it. */
	private String ask(String command) {
		String mark = "mark" + ++marks;
		int from = guest.console().length();
		guest.type(command + "; echo e''nd" + mark + "\n");
		guest.await("the end of " + command, () -> guest.console().substring(from).contains("\nend" + mark));
		return guest.console().substring(from);
	}

	private void answers(String regex, String command) {
		String said = ask(command);
		assertTrue(said, said.matches("(?s).*" + regex + ".*"));
	}

	private static Path file(Path f, long bytes) throws Exception {
		try (RandomAccessFile r = new RandomAccessFile(f.toFile(), "rw")) {
			r.setLength(bytes);
		}
		return f;
	}

	@Test
	public void disksComeGrowAndGoAndTheirDriverMayDie() throws Exception {
		driverDiesUnderTheRootDisk();
		disksComeAndGo();
		aFullHostDiskIsAnErrorAndNoMore();
		sharesFollowTheConfiguration();
		ask("sync");
		guest.type("poweroff\n");
		guest.awaitPowerOff();
		assertTrue(guest.console(), guest.console().lines().noneMatch(l -> l.matches(".*(I/O error|EXT4-fs error|BUG:|Oops).*") && !l.matches(".*(xvdc|xvdd).*")));
	}

	private void driverDiesUnderTheRootDisk() throws Exception {
		guest.type("dd if=/dev/urandom of=/run/ref bs=1M count=4 2>/dev/null; (n=0; while [ ! -e /run/stop ]; do cp /run/ref /root/f; sync; echo 3 >/proc/sys/vm/drop_caches; "
				+ "cmp /run/ref /root/f || echo dif''ferent; n=$((n+1)); done; echo com''pared $n) &\n");
		Bundle driver = Bundles.named(context, "xen.drv.blk");
		List<WeakReference<ClassLoader>> old = new ArrayList<>();
		for (int i = 0; i < UPDATES; i++) {
			old.add(new WeakReference<>(driver.adapt(BundleWiring.class).getClassLoader()));
			long swaps = number("swaps");
			Bundles.update(driver);
			// until then the old one serves, and would take a fault that is injected with it
			guest.await("the new driver", () -> number("swaps") > swaps);
			served();
		}
		for (DriverFault fault : DriverFault.values()) {
			long failures = number("failures");
			((FaultInjection) block).injectFault(fault);
			guest.await("the failure after " + fault, () -> number("failures") > failures);
			served();
		}
		aDriverThatDoesNotComeBackIsEnded();
		driver.stop();
		guest.await("the end of the driver without a bundle", () -> block.driver().get("state").equals("absent"));
		driver.start();
		served();
		guest.type("touch /run/stop\n");
		guest.await("compared ");
		assertTrue(guest.console(), !guest.console().contains("different"));
		Map<String, String> report = block.driver();
		System.out.println("driver of a Linux guest's root disk, us: swaps p50 " + report.get("pause.swap.p50.us") + " p99 " + report.get("pause.swap.p99.us") + " of "
				+ report.get("pause.swap.count") + ", failures p50 " + report.get("pause.crash.p50.us") + " p99 " + report.get("pause.crash.p99.us") + " of " + report.get("pause.crash.count"));
		assertTrue(report.toString(), number("pause.swap.count") >= UPDATES);
		// what the last instance was shown is forgotten with the next requests
		ask("cat /proc/partitions");
		RunningGuest.awaitCollected(old);
	}

	/** A bundle's driver loops, catches what shall end its loop, and recurses: its threads end, and the guest sees pauses. */
	private void aDriverThatDoesNotComeBackIsEnded() throws Exception {
		long failures = number("failures");
		Bundle b = context.installBundle(new DriverBundle(Tireless.class).location());
		b.start();
		guest.await("an instance that works", () -> number("failures") >= failures + Tireless.WAYS && block.driver().get("driver").equals("test.tireless"));
		served();
		guest.await("the end of all that do not", () -> number("threads.lost") == 0);
		b.uninstall();
		guest.await("the driver", () -> block.driver().get("driver").equals("blk"));
		served();
	}

	/** The guest's load gets answers from the driver that is in charge now. */
	private void served() {
		guest.await("a driver", () -> block.driver().get("state").equals("running"));
		long before = disk("xvda").counters().get("answered");
		guest.await("answers", () -> disk("xvda").counters().get("answered") > before + 3);
	}

	private long number(String key) {
		return Long.parseLong(block.driver().get(key));
	}

	private VirtualDisks.Disk disk(String vdev) {
		return guest.domain.disks().list().stream().filter(d -> d.vdev().equals(vdev)).findFirst().orElseThrow();
	}

	/** Both sides are connected before Linux has read the partitions of a new disk and made its node. */
	private void guestHas(String vdev) {
		guest.await(vdev, () -> disk(vdev).state() == 4 && ask("[ -b /dev/" + vdev + " ] && echo th''ere").contains("there"));
	}

	private void disksComeAndGo() throws Exception {
		VirtualDisks disks = guest.domain.disks();
		Path data = file(folder.resolve("data.img"), 32 << 20);
		assertEquals("xvdb", disks.attach(data + ",raw,,rw").vdev());
		guestHas("xvdb");
		answers("\nwritten by the guest\n", "echo writ''ten by the guest | dd of=/dev/xvdb conv=fsync 2>/dev/null; head -n 1 /dev/xvdb");
		assertTrue(Files.readString(data, java.nio.charset.StandardCharsets.ISO_8859_1).startsWith("written by the guest"));
		file(data, 48 << 20);
		assertEquals(List.of("xvdb"), disks.refresh());
		guest.await("the new size in the guest", () -> ask("grep xvdb /proc/partitions").contains(" " + (48 << 10) + " xvdb"));
		assertThrows(ToolstackException.class, () -> disks.attach(data + ",raw,xvdb,rw"));
		assertThrows(ToolstackException.class, () -> disks.attach(folder.resolve("nothing") + ",raw,xvdd,rw"));
		assertThrows(ToolstackException.class, () -> disks.detach("xvdz", false, 1));
		Path cd = file(folder.resolve("cd.img"), 1 << 20);
		assertTrue(disks.attach("devtype=cdrom,vdev=xvdc,target=" + cd).readOnly());
		guestHas("xvdc");
		answers("\n1\n", "cat /sys/block/xvdc/ro");
		answers("(ermitted|enied|ead-only)", "dd if=/dev/zero of=/dev/xvdc count=1 2>&1");
		assertEquals(0, disk("xvdc").counters().get("write").longValue());
		disks.detach("xvdb", false, 30);
		disks.detach("xvdc", true, 0);
		answers("\n0\n", "grep -c xvdb /proc/partitions");
		assertEquals(1, disks.list().size());
	}

	/** The host has room for half of the disk: the guest gets errors for the rest, keeps what it was told is safe, and goes on. */
	private void aFullHostDiskIsAnErrorAndNoMore() throws Exception {
		Path image = file(folder.resolve("data.img"), 8 << 20);
		QuotaFormat quota = new QuotaFormat(4 << 20);
		org.osgi.framework.ServiceRegistration<?> r = context.registerService(xen.kernel.api.block.BlockFormat.class, quota, new Hashtable<>(Map.of("xen.block.format", "quota")));
		guest.domain.disks().attach("format=quota,vdev=xvdd,target=" + image);
		guestHas("xvdd");
		answers("\n0 safe\n", "dd if=/run/ref of=/dev/xvdd bs=64k count=32 conv=fsync 2>/dev/null; echo $? sa''fe");
		answers("\n1 fails\n", "dd if=/dev/zero of=/dev/xvdd bs=64k seek=32 count=64 conv=fsync 2>/dev/null; echo $? fa''ils");
		answers("\nintact\n", "echo 3 >/proc/sys/vm/drop_caches; head -c 2097152 /run/ref >/run/a; head -c 2097152 /dev/xvdd | cmp - /run/a && echo in''tact");
		assertTrue(disk("xvdd").counters().get("errors") > 0);
		quota.more(4 << 20);
		answers("\n0 again\n", "dd if=/run/ref of=/dev/xvdd bs=64k seek=64 conv=fsync 2>/dev/null; echo $? ag''ain");
		guest.domain.disks().detach("xvdd", false, 30);
		r.unregister();
	}

	private void sharesFollowTheConfiguration() throws Exception {
		org.osgi.service.cm.Configuration config = admin.createFactoryConfiguration("xen.vbd", null);
		update(config, 700);
		guest.await("the weight of the configuration", () -> disk("xvda").weight() == 700);
		assertEquals(ServiceClass.THROUGHPUT, disk("xvda").serviceClass());
		update(config, 800);
		guest.await("the changed weight", () -> disk("xvda").weight() == 800);
		guest.domain.disks().parameters("xvda", 90, null);
		assertEquals(90, disk("xvda").weight());
		config.delete();
	}

	private static void update(org.osgi.service.cm.Configuration config, int weight) throws Exception {
		Dictionary<String, Object> d = new Hashtable<>(Map.of("domain", "guest", "vdev", "xvda", "weight", weight, "service.class", "throughput"));
		config.update(d);
	}
}
