package xen.bench.disk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import xen.bench.Figures;
import xen.bench.Scratch;
import xen.bench.Statistics;
import xen.bench.linux.LinuxGuest;
import xen.bench.process.Cpio;
import xen.bench.process.DebianFiles;
import xen.bench.process.Program;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;

/**
 * Direct I/O of a Debian guest on our virtual disk, beside the same kernel, RAM disk and image on {@code virtio-blk} of QEMU's TCG, both
 * through the host's page cache, in real time. The guests do each piece of work in turns; both check what they read, and their images
 * must be the same at the end.
 */
final class GuestDisk {
	/** What Debian's kernel needs for QEMU's disk, in the order of loading; ours are in every RAM disk of a guest with disks. */
	private static final String VIRTIO = "virtio_ring,virtio,virtio_pci_legacy_dev,virtio_pci_modern_dev,virtio_pci,virtio_blk";
	private static final String READY = "disk: ready " + BenchImage.BYTES;

	private GuestDisk() {}

	static void measure(Figures figures, List<DiskWork> works, String engine, int rounds, CliIo io) throws IOException, InterruptedException {
		if (Program.find("gcc") == null) throw new CommandFailure(CliCommand.FAILED, "skipped: there is no gcc to compile the guest's program with (Debian: apt-get install gcc)");
		try (Scratch scratch = new Scratch()) {
			Path ours = scratch.folder().resolve("ours.img"), theirs = scratch.folder().resolve("qemu.img");
			BenchImage.write(ours);
			DebianFiles files = DebianFiles.fetchWithModules("cloud", VIRTIO).copied(scratch.folder());
			Files.write(files.ramdisk(), Cpio.program("init", Files.readAllBytes(compile(scratch.folder()))), StandardOpenOption.APPEND);
			List<LinuxGuest> guests = new ArrayList<>();
			try {
				guests.add(new LinuxGuest(engine, files.xen(engine, "--time", "real", "--disk", "format=raw,vdev=xvda,access=rw,target=" + ours), READY));
				List<String> qemu = files.qemu();
				if (qemu == null) {
					io.err().println("no qemu-system-x86_64 here: no ratios (Debian: apt-get install qemu-system-x86)");
				} else {
					Files.copy(ours, theirs);
					qemu = new ArrayList<>(qemu);
					qemu.addAll(List.of("-drive", "if=virtio,format=raw,cache=writeback,file=" + theirs));
					guests.add(new LinuxGuest("qemu", qemu, READY));
				}
				rounds(figures, guests, works, rounds, io);
				for (LinuxGuest g : guests) g.run("verify");
			} finally {
				guests.forEach(LinuxGuest::close);
			}
			if (guests.size() == 2 && Files.mismatch(ours, theirs) >= 0) throw new CommandFailure(CliCommand.FAILED, "the two guests did the same and their images differ at byte " + Files.mismatch(ours, theirs));
		}
	}

	private static void rounds(Figures figures, List<LinuxGuest> guests, List<DiskWork> works, int rounds, CliIo io) throws IOException, InterruptedException {
		List<Double> all = new ArrayList<>(), allCpu = new ArrayList<>();
		for (DiskWork work : works) {
			io.err().println("work " + work.name() + ": " + work.line());
			Map<String, List<LinuxGuest.Took>> took = new LinkedHashMap<>();
			for (int i = 0; i <= rounds; i++) {
				for (LinuxGuest g : guests) {
					LinuxGuest.Took t = g.run(work.line());
					if (i > 0) took.computeIfAbsent(g.name, x -> new ArrayList<>()).add(t);
				}
			}
			DiskFigures f = new DiskFigures(work, figures.group(work.name()));
			took.forEach(f::add);
			if (guests.size() == 2) {
				f.compare(took.get(guests.get(0).name), took.get(guests.get(1).name));
				all.add(f.ratio());
				allCpu.add(f.cpuTimeRatio());
			}
		}
		if (!all.isEmpty()) {
			figures.group("geomean").add("ratio", Statistics.geometricMean(all.stream().mapToDouble(r -> r)), "x virtio-blk of TCG")
					.add("cpu_time_ratio", Statistics.geometricMean(allCpu.stream().mapToDouble(r -> r)), "x TCG, CPU time");
		}
	}

	private static Path compile(Path folder) throws IOException, InterruptedException {
		try (InputStream in = GuestDisk.class.getResourceAsStream("guest/disk.c")) {
			Files.copy(in, folder.resolve("disk.c"));
		}
		Program.run(List.of("gcc", "-O2", "-static", "-o", "disk", "disk.c"), folder);
		return folder.resolve("disk");
	}
}
