package xen.bench.disk;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.bench.process.CpuClock;
import xen.kernel.api.block.BlockOp;
import xen.kernel.api.block.DiskClient;
import xen.kernel.api.block.DiskHost;
import xen.kernel.api.block.DiskModel;
import xen.kernel.api.block.DiskModelFactory;
import xen.kernel.api.block.DiskRequest;
import xen.kernel.api.block.DiskScheduler;
import xen.kernel.api.block.DiskSchedulerFactory;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.cli.CliIo;

/**
 * CPU time that a disk scheduler spends on a request: one interactive client and sixteen streams with four requests each before a model;
 * the model's own estimates are part of it, its other calls are not.
 */
@Component
@BenchName("disk-sched")
public final class SchedulerCost implements Benchmark {
	private static final int ROUNDS = 5, REQUESTS = 400_000, CLIENTS = 17, DEPTH = 4;

	private final Map<String, DiskSchedulerFactory> schedulers = new ConcurrentSkipListMap<>();
	private final Map<String, DiskModelFactory> models = new ConcurrentSkipListMap<>();

	@Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
	void addScheduler(DiskSchedulerFactory f, Map<String, Object> properties) { schedulers.put(String.valueOf(properties.get("xen.disk.scheduler")), f); }

	void removeScheduler(DiskSchedulerFactory f) { schedulers.values().remove(f); }

	@Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
	void addModel(DiskModelFactory f, Map<String, Object> properties) { models.put(String.valueOf(properties.get("xen.disk.model")), f); }

	void removeModel(DiskModelFactory f) { models.values().remove(f); }

	@Override public String summary() { return "CPU time of disk schedulers a request"; }

	@Override public Figures run(List<String> args, CliIo io) {
		Figures f = new Figures();
		models.forEach((disk, model) -> schedulers.forEach((name, s) -> {
			double best = Double.MAX_VALUE;
			for (int i = 0; i < ROUNDS; i++) best = Math.min(best, new Round(s.create(), model.create(1L << 31)).nanos());
			f.group(disk).add(name + "_ns", best, "ns");
		}));
		return f;
	}

	private record Client(int id) implements DiskClient {
		@Override public String name() { return "c" + id; }
		@Override public int weight() { return 256; }
		@Override public ServiceClass serviceClass() { return id == 0 ? ServiceClass.INTERACTIVE : ServiceClass.THROUGHPUT; }
		@Override public long deadlineNanos() { return 0; }
	}

	/** A disk that takes one request after the other; its time is the model's. */
	private static final class Round implements DiskHost {
		private final DiskScheduler scheduler;
		private final DiskModel model;
		private final long[] place = new long[CLIENTS];
		private long now, random = 1;
		private int atDisk;

		Round(DiskScheduler scheduler, DiskModel model) {
			this.scheduler = scheduler;
			this.model = model;
		}

		@Override public long now() { return now; }
		@Override public int outstanding() { return atDisk; }
		@Override public long estimate(DiskRequest r) { return model.estimate(now, r.op, r.lba, r.sectors); }
		@Override public long estimateIn(DiskRequest r, long nanos) { return model.estimate(now + nanos, r.op, r.lba, r.sectors); }
		@Override public void wakeAt(long nanos) {}

		/** The next request of its client. */
		private void again(DiskRequest r) {
			int c = r.client.id();
			random = random * 6364136223846793005L + 1442695040888963407L;
			place[c] = c == 0 ? (random >>> 34) & -8 : place[c] + r.sectors;
			r.lba = (c * 120_000_000L + place[c]) % ((1L << 31) - 4096);
			r.arrived = now;
			scheduler.add(r);
		}

		double nanos() {
			scheduler.start(this);
			for (int c = 0; c < CLIENTS; c++) {
				for (int i = 0; i < (c == 0 ? 1 : DEPTH); i++) {
					DiskRequest r = new DiskRequest();
					r.client = new Client(c);
					r.op = BlockOp.READ;
					r.sectors = c == 0 ? 8 : 80;
					again(r);
				}
			}
			long begin = CpuClock.thread();
			for (int i = 0; i < REQUESTS; i++) {
				DiskRequest r = scheduler.next(now);
				if (r == null) {
					now += 100_000;
					continue;
				}
				atDisk = 1;
				long end = model.start(now, r.op, r.lba, r.sectors), took = end - now;
				now = end;
				atDisk = 0;
				scheduler.completed(r, took);
				again(r);
			}
			return (double) (CpuClock.thread() - begin) / REQUESTS;
		}
	}
}
