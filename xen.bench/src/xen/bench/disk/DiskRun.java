package xen.bench.disk;

import java.util.ArrayList;
import java.util.List;
import xen.bench.disk.LabClient.Behaviour;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.block.kit.SimHost;

/** Guests in front of one disk under one scheduler, in virtual time: the same seed gives the same run. */
final class DiskRun implements AutoCloseable {
	static final long DISK_SECTORS = 1L << 31, SECOND = 1_000_000_000L;
	private static final int MOST_CLIENTS = 20, PAGES = 110;

	final SimHost host;
	final BlockControl core;
	final List<LabClient> clients = new ArrayList<>();

	/** @param disk a model's name */
	DiskRun(BlockCores cores, BlockDriver driver, String disk, String scheduler, long seed, List<Behaviour> behaviours) {
		// no hand-over between threads for each request: twenty times as fast
		this(new SimHost(MOST_CLIENTS * PAGES).trusting(), cores, driver, disk, scheduler, seed, behaviours);
	}

	DiskRun(SimHost host, BlockCores cores, BlockDriver driver, String disk, String scheduler, long seed, List<Behaviour> behaviours) {
		this.host = host;
		core = cores.open(host, driver);
		core.selectScheduler(null, scheduler);
		for (Behaviour b : behaviours) clients.add(new LabClient(host, core, b, clients.size(), DISK_SECTORS / MOST_CLIENTS & -4096, disk, seed));
		clients.forEach(LabClient::start);
	}

	/** Goes on for some time and then measures. */
	DiskRun run(long warmNanos, long nanos) {
		until(host.now() + warmNanos);
		clients.forEach(LabClient::reset);
		until(host.now() + nanos);
		return this;
	}

	private void until(long end) {
		while (host.now() < end && host.step()) clients.forEach(LabClient::poll);
	}

	long bytes() { return clients.stream().mapToLong(c -> c.bytes).sum(); }

	/** Disk time of each client so far. */
	long[] service() { return clients.stream().mapToLong(c -> c.vbd.counters().get("service_ns")).toArray(); }

	@Override
	public void close() {
		clients.forEach(c -> c.vbd.close());
		host.close();
	}

	/** The first and so many of another behaviour. */
	static List<Behaviour> crowd(Behaviour first, Behaviour other, int others) {
		List<Behaviour> all = new ArrayList<>(List.of(first));
		for (int i = 0; i < others; i++) all.add(other);
		return all;
	}
}
