package xen.bench.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.bench.Arguments;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.kernel.api.block.BlockCores;
import xen.kernel.api.block.BlockDriver;
import xen.kernel.api.cli.CliIo;

/**
 * Disks: inside a Debian guest beside QEMU's virtio-blk ({@link GuestDisk}), then the back end alone ({@link BackEnd}); on demand what its
 * fence costs ({@link FenceCost}).
 */
@Component
@BenchName("disk")
public final class DiskBenchmark implements Benchmark {
	private static final String USAGE = "./xen bench disk [--part guest,backend,fence] [--work NAME[,NAME...]] [--engine NAME] [--rounds N] [--json]\n  NAME: "
			+ String.join(", ", DiskWork.ALL.stream().map(DiskWork::name).toList());

	private final BlockCores cores;
	private final BlockDriver driver;

	@Activate public DiskBenchmark(@Reference BlockCores cores, @Reference BlockDriver driver) {
		this.cores = cores;
		this.driver = driver;
	}

	@Override public String summary() { return "disk I/O inside a Debian guest, beside virtio-blk of QEMU's TCG; and the block driver alone"; }

	@Override public Figures run(List<String> args, CliIo io) throws IOException, InterruptedException {
		Arguments a = new Arguments(USAGE, args, "--part", "--work", "--engine", "--rounds");
		List<String> parts = a.list("--part", "guest,backend");
		if (!List.of("guest", "backend", "fence").containsAll(parts)) throw a.wrong();
		List<DiskWork> works = works(a);
		int rounds = a.number("--rounds", 3);
		Figures f = new Figures();
		if (parts.contains("guest")) GuestDisk.measure(f.group("guest"), works, a.list("--engine", "native").getFirst(), rounds, io);
		if (parts.contains("backend")) {
			io.err().println("back end alone");
			new BackEnd(cores, driver, rounds).measure(f.group("backend"));
		}
		if (parts.contains("fence")) {
			io.err().println("driver with and without the checks by which it can be ended");
			FenceCost.measure(f.group("fence"), cores, driver, 2 * rounds + 1);
		}
		return f;
	}

	/** Those that were named, in that order; all without names. */
	static List<DiskWork> works(Arguments a) {
		List<DiskWork> works = new ArrayList<>();
		for (String name : a.list("--work", String.join(",", DiskWork.ALL.stream().map(DiskWork::name).toList()))) {
			works.add(DiskWork.ALL.stream().filter(w -> w.name().equals(name)).findFirst().orElseThrow(a::wrong));
		}
		return works;
	}
}
