package xen.bench.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import xen.hw.disk.RamFormat;
import xen.kernel.api.block.BlockBacking;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.DriverFault;
import xen.kernel.api.block.FaultInjection;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;
import xen.kernel.api.control.HypervisorException;

/** The verifying load in real time: the driver's thread, the I/O threads and the front end's at once, on a disk that has some of its bytes at hand. */
@Timeout(120)
class RealTimeLoadTest {
	private static final int PORT = 3, BLOCKS = 256;

	/** Half of the transfers need no waiting, for no reason that anybody knows. */
	private record Fickle(BlockBacking of) implements BlockBacking {
		private static boolean now() { return ThreadLocalRandom.current().nextBoolean(); }

		@Override public long sectors() { return of.sectors(); }
		@Override public boolean readOnly() { return false; }
		@Override public void read(long sector, long address, int bytes) throws IOException { of.read(sector, address, bytes); }
		@Override public void write(long sector, long address, int bytes) throws IOException { of.write(sector, address, bytes); }
		@Override public boolean readNow(long sector, long pieces, int count) { return now() && of.readNow(sector, pieces, count); }
		@Override public boolean writeNow(long sector, long pieces, int count) { return now() && of.writeNow(sector, pieces, count); }
		@Override public void flush() throws IOException { of.flush(); }
		@Override public void close() throws IOException { of.close(); }
	}

	private final DiskBed bed = new DiskBed();

	/** @param fault after so many answers each; 0: none */
	private void load(int depth, boolean persistent, int requests, int fault) {
		RamFormat ram = new RamFormat();
		bed.cores.addFormat((target, ro) -> new Fickle(ram.open(target, ro)), Map.of("xen.block.format", "fickle"));
		try (SimHost host = new SimHost(VerifyingLoad.pages(64) + 8).real()) {
			BlockControl core = bed.cores.open(host, bed.driver);
			ManagedVbd vbd = core.create(VbdConfig.simple(SimHost.DOMID, 51712, "fickle", BLOCKS * 4 + "K", false, "none"));
			RingFront ring = new RingFront(host, 1, PORT);
			VerifyingLoad load = new VerifyingLoad(host, ring, 1, BLOCKS);
			vbd.connect(List.of(ring.config()), persistent);
			int faults = 0;
			while (load.answered < requests) {
				load.fill(depth);
				if (fault > 0 && load.answered / fault > faults && inject(core, faults)) {
					faults++;
				}
				if (ring.answers(load) == 0) {
					assertThat(host.port(PORT).await()).as("an answer within 10 s, %d were given, %s", load.answered, core.driver()).isTrue();
				}
			}
			assertThat(load.errors + load.wrongAnswers).isZero();
			assertThat(load.corrupted).isZero();
			if (fault == 0) {
				assertThat(core.driver()).containsEntry("failures", "0");
			} else {
				assertThat(Long.parseLong(core.driver().get("failures"))).as("some are lost with the instance that they were meant for").isGreaterThan(faults / 4);
			}
			vbd.close();
			assertThat(host.mapped()).isZero();
			ring.close();
		}
	}

	private static boolean inject(BlockControl core, int number) {
		DriverFault[] all = DriverFault.values();
		if (number % 2 == 1) {
			core.restartDriver();
			return true;
		}
		try {
			((FaultInjection) core).injectFault(all[number / 2 % all.length]);
			return true;
		} catch (HypervisorException nobodyIsInCharge) {
			return false;
		}
	}

	@ParameterizedTest(name = "{0} at once, grants kept: {1}")
	@CsvSource({"1, false", "3, true", "32, false"})
	void everyRequestIsAnsweredOnceAndFindsWhatWasWrittenBefore(int depth, boolean persistent) { load(depth, persistent, 4000, 0); }

	@Test void noRequestIsLostOrDoneOutOfOrderWhenTheDriverFailsOrIsReplaced() { load(16, false, 3000, 100); }
}
