package xen.shell.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.block.ServiceClass;
import xen.toolstack.api.ToolstackException;
import xen.toolstack.api.VirtualDisks;

/** Virtual disks and their driver, as they are typed. */
class BlockCommandsTest extends GogoTest {
	private final List<String> asked = new ArrayList<>();
	private int weight = 256, reservation, limit;
	private ServiceClass serviceClass = ServiceClass.INTERACTIVE;

	@BeforeEach
	void guest() throws Exception {
		domain("web").disks = new Disks();
	}

	@Test
	void disksAreListedWithTheirState() throws Exception {
		assertThat(type("block-list")).containsPattern("web +1 xvda  32751 connected +rw +1024 +256 interactive +- +4 +1 +2\\.5 /images/root.img");
		assertThat(type("block-list web")).contains("xvda");
		refused("block-list other", "there is no domain 'other'");
	}

	@Test
	void aDiskIsAttachedInTheWordsOfTheConfigurationFile() throws Exception {
		assertThat(type("block-attach web /images/data.img,raw,xvdb,rw")).isEqualTo("xvdb (51712): /images/root.img, 1024 MiB, read and write\n");
		type("block-attach 1 /images/cd.iso raw xvdc cdrom");
		assertThat(asked).containsExactly("attach /images/data.img,raw,xvdb,rw", "attach /images/cd.iso,raw,xvdc,cdrom");
		refused("block-attach web", "which disk?");
		refused("block-attach", "usage: xen:block-attach");
	}

	@Test
	void aDiskIsDetachedAndTheReasonToldWhenNot() throws Exception {
		assertThat(type("block-detach web xvda")).isEqualTo("xvda is detached\n");
		type("block-detach -f web xvda; block-detach -t 3 web xvda");
		assertThat(asked).containsExactly("detach xvda false 10.0", "detach xvda true 10.0", "detach xvda false 3.0");
		refused("block-detach web xvdz", "no disk xvdz");
	}

	@Test
	void sizesAreLookedAtAgain() throws Exception {
		assertThat(type("block-refresh web")).isEqualTo("xvda has 1024 MiB now\n");
	}

	@Test
	void sharesAreChanged() throws Exception {
		assertThat(type("block-weight web xvda 512")).containsPattern("512 interactive");
		assertThat(type("block-weight web xvda 100 throughput")).containsPattern("100 throughput");
		assertThat(type("block-weight web xvda 100 realtime reservation=40 limit=200")).containsPattern("100 realtime +40-200 ");
		assertThat(type("block-weight web xvda 100 limit=0")).containsPattern("100 realtime +40- ");
		refused("block-weight web xvda 100 reservation=x", "reservation=x: requests a second are expected");
		refused("block-weight web xvda 100 slow", "interactive, throughput or realtime");
		refused("block-weight web xvda many", "usage: xen:block-weight");
	}

	@Test
	void theDriverIsShownReplacedAndBroken() throws Exception {
		assertThat(type("driver-list")).containsPattern("domain +: 32751").containsPattern("pauses.crash +: 7 \\(us: p50 7, p99 7");
		type("driver-restart");
		assertThat(type("driver-fault wrong-id")).contains("will fail (wrong-id)");
		assertThat(driver.asked).containsExactly("restart", "fault WRONG_ID");
		refused("driver-fault fire", "exception, hang, deadlock, lost, duplicate, wrong-id, garbage are possible");
	}

	@Test
	void disksOfTheMachineAndTheirScheduler() throws Exception {
		assertThat(type("disk-list")).isEqualTo("ssd  fifo  {requests=3}\n");
		type("disk-sched cello");
		assertThat(driver.asked).containsExactly("scheduler cello");
	}

	private void refused(String program, String why) {
		org.assertj.core.api.Assertions.assertThatThrownBy(() -> type(program)).hasMessageContaining(why);
	}

	private final class Disks implements VirtualDisks {
		private Disk disk(String vdev) {
			return new Disk(vdev, 51712, "/images/root.img", "raw", false, false, 32751, 4, weight, serviceClass, reservation, limit, 1 << 21, Map.of("answered", 4L, "errors", 1L, "latency_ns", 10_000L));
		}

		@Override
		public List<Disk> list() {
			return List.of(disk("xvda"));
		}

		@Override
		public Disk attach(String spec) {
			asked.add("attach " + spec);
			return disk("xvdb");
		}

		@Override
		public void detach(String vdev, boolean force, double seconds) {
			if (!vdev.equals("xvda")) throw new ToolstackException("no disk " + vdev);
			asked.add("detach " + vdev + " " + force + " " + seconds);
		}

		@Override
		public List<String> refresh() {
			return List.of("xvda");
		}

		@Override
		public void parameters(String vdev, Integer w, ServiceClass c, Integer r, Integer l) {
			reservation = r == null ? reservation : r;
			limit = l == null ? limit : l;
			weight = w == null ? weight : w;
			serviceClass = c == null ? serviceClass : c;
		}
	}
}
