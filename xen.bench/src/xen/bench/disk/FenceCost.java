package xen.bench.disk;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Arrays;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import xen.bench.Figures;
import xen.bench.process.CpuClock;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.VbdConfig;
import xen.kernel.api.block.kit.RingFront;
import xen.kernel.api.block.kit.SimHost;

/**
 * What the checks cost that are woven into a driver's classes: the driver as its bundle's loader made it against the same class files as
 * they are, in turns, all on one thread, whose CPU time is counted. Grants are kept, so that much of the work is the driver's.
 */
final class FenceCost {
	private static final int PORT = 3, WARM = 4, REQUESTS = 400_000, BATCH = 32, BLOCKS = 16384;

	private FenceCost() {}

	/** Loads a bundle's classes once more, without its hooks. */
	private static final class Plain extends ClassLoader {
		private final Bundle bundle;

		Plain(Class<?> driver) {
			super(driver.getClassLoader());
			bundle = FrameworkUtil.getBundle(driver);
		}

		@Override protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			URL file = bundle.getEntry(name.replace('.', '/') + ".class");
			Class<?> c = findLoadedClass(name);
			if (c != null || file == null) return c != null ? c : super.loadClass(name, resolve);
			try (InputStream in = file.openStream()) {
				byte[] b = in.readAllBytes();
				return defineClass(name, b, 0, b.length);
			} catch (IOException e) {
				throw new UncheckedIOException(e);
			}
		}
	}

	static void measure(Figures f, BlockCores cores, BlockDriver driver, int rounds) {
		BlockDriver plain;
		try {
			plain = (BlockDriver) new Plain(driver.getClass()).loadClass(driver.getClass().getName()).getDeclaredConstructor().newInstance();
		} catch (ReflectiveOperationException e) {
			throw new IllegalStateException("the driver's classes cannot be loaded again", e);
		}
		measure(f.group("4k"), cores, driver, plain, rounds, 1);
		measure(f.group("44k"), cores, driver, plain, rounds, 11);
	}

	private static void measure(Figures f, BlockCores cores, BlockDriver fenced, BlockDriver plain, int rounds, int pages) {
		double[] ratio = new double[rounds];
		double[][] nanos = new double[2][rounds];
		try (Bed a = new Bed(cores, fenced, pages); Bed b = new Bed(cores, plain, pages)) {
			for (int i = -WARM; i < rounds; i++) {
				// who is first changes, so that neither has the better place
				double first = (i % 2 == 0 ? a : b).round(), second = (i % 2 == 0 ? b : a).round();
				if (i >= 0) {
					nanos[0][i] = i % 2 == 0 ? first : second;
					nanos[1][i] = i % 2 == 0 ? second : first;
					ratio[i] = nanos[0][i] / nanos[1][i];
				}
			}
		}
		f.add("fenced_cpu_ns_per_request", median(nanos[0]), "ns").add("plain_cpu_ns_per_request", median(nanos[1]), "ns").add("ratio", median(ratio), "x");
	}

	private static double median(double[] values) {
		double[] sorted = values.clone();
		Arrays.sort(sorted);
		return sorted[sorted.length / 2];
	}

	/** A core with one driver, one disk, one front end. */
	private static final class Bed implements AutoCloseable {
		private final SimHost host = new SimHost(1000).trusting();
		private final ManagedVbd vbd;
		private final RingFront ring;
		private final int[][] buffers;
		private long errors;

		Bed(BlockCores cores, BlockDriver driver, int pages) {
			BlockControl core = cores.open(host, driver);
			vbd = core.create(VbdConfig.simple(SimHost.DOMID, 51712, "ram", BLOCKS * 4 + "K", false, "none"));
			ring = new RingFront(host, 1, PORT);
			buffers = new int[BATCH][pages];
			for (int[] b : buffers) Arrays.setAll(b, i -> host.page());
			vbd.connect(List.of(ring.config()), true);
		}

		/** CPU nanoseconds of a request. */
		double round() {
			long before = CpuClock.thread();
			for (int n = 0; n < REQUESTS; n += BATCH) {
				for (int s = 0; s < BATCH; s++) ring.request(RingFront.READ, s, (n + s) % (BLOCKS - 16) * 8L, buffers[s]);
				ring.push();
				for (int got = 0; got < BATCH;) {
					host.step();
					got += ring.answers((id, op, status) -> errors += status == 0 ? 0 : 1);
				}
			}
			if (errors != 0) throw new IllegalStateException(errors + " requests failed");
			return (double) (CpuClock.thread() - before) / REQUESTS;
		}

		@Override public void close() {
			vbd.close();
			ring.close();
			host.close();
		}
	}
}
