package xen.bench.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;
import xen.bench.Arguments;
import xen.bench.BenchName;
import xen.bench.Benchmark;
import xen.bench.Figures;
import xen.bench.Scratch;
import xen.bench.Statistics;
import xen.bench.process.Cpio;
import xen.bench.process.DebianFiles;
import xen.bench.process.Program;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.CommandFailure;

/** User-space loads inside Debian's kernel as our guest, beside the same kernel bare in QEMU's TCG. Each piece of work is done once to warm up. */
@Component
@BenchName("linux")
public final class LinuxBenchmark implements Benchmark {
	private static final String WORKS = "integer,sha256sum,shell,gzip,getppid,clock_gettime,signals,pipe,fork,exec,faults,mprotect";

	@Override
	public String summary() { return "loads inside a Debian guest, beside bare Linux in QEMU's TCG"; }

	@Override
	public Figures run(List<String> args, CliIo io) throws IOException, InterruptedException {
		Arguments a = new Arguments("./xen bench linux [--work NAME[,NAME...]] [--engine NAME] [--rounds N] [--json]", args, "--work", "--engine", "--rounds");
		List<String> works = a.list("--work", WORKS);
		if (!List.of(WORKS.split(",")).containsAll(works)) throw a.wrong();
		try (Scratch scratch = new Scratch()) {
			DebianFiles files = withInit(scratch.folder());
			List<LinuxGuest> guests = new ArrayList<>();
			try {
				String engine = a.list("--engine", "native").getFirst();
				guests.add(new LinuxGuest(engine, files.xen(engine)));
				if (files.qemu() != null) guests.add(new LinuxGuest("qemu", files.qemu()));
				else io.err().println("no qemu-system-x86_64 here: no ratios (Debian: apt-get install qemu-system-x86)");
				return measure(guests, works, a.number("--rounds", 3), io);
			} finally {
				guests.forEach(LinuxGuest::close);
			}
		}
	}

	private static Figures measure(List<LinuxGuest> guests, List<String> works, int rounds, CliIo io) throws IOException, InterruptedException {
		Figures figures = new Figures();
		List<Double> all = new ArrayList<>();
		for (String work : works) {
			io.err().println("work " + work);
			Map<String, List<LinuxGuest.Took>> took = new LinkedHashMap<>();
			for (int i = 0; i <= rounds; i++) {
				for (LinuxGuest g : guests) {
					LinuxGuest.Took t = g.run(work);
					if (i > 0) took.computeIfAbsent(g.name, x -> new ArrayList<>()).add(t);
				}
			}
			Figures row = figures.group(work);
			took.forEach((name, t) -> row.add(name + "_cpu_s", Statistics.median(t.stream().map(LinuxGuest.Took::cpuSeconds).toList()), "s")
					.add(name + "_wall_s", Statistics.median(t.stream().map(LinuxGuest.Took::wallSeconds).toList()), "s"));
			if (guests.size() == 2) {
				List<LinuxGuest.Took> ours = took.get(guests.get(0).name), qemu = took.get(guests.get(1).name);
				List<Double> ratios = new ArrayList<>();
				for (int i = 0; i < rounds; i++) ratios.add(qemu.get(i).cpuSeconds() / ours.get(i).cpuSeconds());
				all.add(Statistics.median(ratios));
				row.add("ratio", all.getLast(), "x TCG");
			}
		}
		if (!all.isEmpty()) figures.group("geomean").add("ratio", Statistics.geometricMean(all.stream().mapToDouble(r -> r)), "x TCG");
		return figures;
	}

	/** Debian's kernel and a RAM disk whose process 1 is init.c. */
	static DebianFiles withInit(Path folder) throws IOException, InterruptedException {
		if (Program.find("gcc") == null) throw new CommandFailure(CliCommand.FAILED, "skipped: there is no gcc to compile the guest's program with (Debian: apt-get install gcc)");
		DebianFiles files = DebianFiles.fetch("cloud").copied(folder);
		Files.write(files.ramdisk(), Cpio.program("init", Files.readAllBytes(compile(folder))), StandardOpenOption.APPEND);
		return files;
	}

	private static Path compile(Path folder) throws IOException, InterruptedException {
		try (InputStream in = LinuxBenchmark.class.getResourceAsStream("guest/init.c")) {
			Files.copy(in, folder.resolve("init.c"));
		}
		Program.run(List.of("gcc", "-O2", "-static", "-o", "init", "init.c"), folder);
		return folder.resolve("init");
	}
}
