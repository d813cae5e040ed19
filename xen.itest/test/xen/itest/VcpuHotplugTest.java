package xen.itest;

import static org.ops4j.pax.exam.CoreOptions.bundle;

import java.nio.file.Path;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.hw.Topology;
import xen.toolstack.api.DomainManager;

/** Debian's kernel gives vCPUs up and takes them back as xenstore's cpu nodes say, while it computes. */
@RunWith(ExamOrSkip.DebianGuest.class)
@ExamReactorStrategy(PerClass.class)
public class VcpuHotplugTest {
	@Inject
	private Hypervisor hypervisor;

	@Inject
	private DomainManager manager;

	@Configuration
	public Option[] lab() {
		Debian.Files debian = Debian.fetch("cloud");
		if (debian.missing() == null) {
			System.setProperty("xen.itest.debian.kernel", debian.kernel().toString());
			System.setProperty("xen.itest.debian.ramdisk", debian.busyboxRamdisk().toString());
		}
		return new Option[] {Lab.distribution(), bundle(PolicyBundle.jar().toUri().toString())};
	}

	@Test
	public void vcpusGoAndComeBackUnderLoad() {
		try (RunningGuest guest = RunningGuest.boot(hypervisor, manager, Path.of(System.getProperty("xen.itest.debian.kernel")),
				Path.of(System.getProperty("xen.itest.debian.ramdisk")), "console=hvc0", 256, 4, new Topology(1, 2, 1))) {
			guest.await("xen-init: ready");
			guest.await(" # ");
			guest.type("(while :; do seq 1 2000 | sha256sum > /dev/null; done) &\n");
			int step = 0;
			for (int count : new int[] {1, 4, 2, 3, 1, 4}) {
				guest.domain.onlineVcpus(count);
				String present = count == 1 ? "0" : "0-" + (count - 1);
				step++;
				guest.type("until [ $(cat /sys/devices/system/cpu/online) = " + present + " ]; do sleep 0.1; done; echo step$((0+" + step + ")): $(nproc)\n");
				guest.await("step" + step + ": " + count);
			}
			guest.awaitProgress();
			guest.type("poweroff -f\n");
			guest.awaitPowerOff();
		}
	}
}
