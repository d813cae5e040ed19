package xen.dist.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The product's process as `./xen` starts it: statuses, streams, and what is left behind. */
@Tag("slow")
class LauncherTest {
	private static final long LIMIT_SECONDS = 60;

	@TempDir
	private Path temporary;

	private record Outcome(int status, String out, String err) {}

	@Test
	void anUnknownCommandIsAUsageErrorThatNamesTheOthers() throws Exception {
		Outcome o = xen("bot");
		assertThat(o.status).isEqualTo(2);
		assertThat(o.out).isEmpty();
		assertThat(o.err).contains("no command 'bot'").contains("  run ").doesNotContain("WARNING");
	}

	@Test
	void shellCommandsSeeTheBundlesAndEndWithZero() throws Exception {
		Outcome o = xen("run", "-c", "each [1 2] { echo \"n $it\" }; lb");
		assertThat(o.err).isEmpty();
		assertThat(o.out).contains("xen.kernel").contains("n 1").contains("n 2");
		assertThat(o.status).isZero();
	}

	@Test
	void aFailingShellCommandIsTheStatus() throws Exception {
		Outcome o = xen("run", "-c", "nosuchcommand");
		assertThat(o.status).isEqualTo(1);
		assertThat(o.err).contains("nosuchcommand");
	}

	@Test
	void nothingIsLeftInTheTemporaryFolder() throws Exception {
		xen("commands");
		assertThat(leftovers()).isEmpty();
	}

	@Test
	void whatAKilledProcessLeftIsDeletedByTheNextAndWhatARunningOneHasIsNot() throws Exception {
		Path dead = Files.createDirectories(temporary.resolve("xen-felix-4194303000-1f/bundle0"));
		Path running = Files.createDirectory(temporary.resolve("xen-felix-" + ProcessHandle.current().pid() + "-1f"));
		xen("commands");
		assertThat(dead.getParent()).doesNotExist();
		assertThat(running).exists();
		Files.delete(running);
	}

	@Test
	void aTerminatedProcessStopsItsBundlesAndCleansUp() throws Exception {
		Path report = temporary.resolve("ready");
		Process p = process("run", "-c", "echo up; sleep 60").redirectOutput(report.toFile()).start();
		for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS); Files.size(report) == 0 && System.nanoTime() < end;) p.waitFor(20, TimeUnit.MILLISECONDS);
		p.destroy();
		assertThat(p.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
		assertThat(p.exitValue()).isEqualTo(128 + 15);
		assertThat(leftovers()).isEmpty();
	}

	@Test
	void aBootStartsOnlyTheBundlesThatItNeeds() throws Exception {
		Outcome o = xen("boot", "no-such-kernel");
		assertThat(o.err).contains("no-such-kernel: no such file").contains("xen.toolstack started").doesNotContain("xen.shell started").doesNotContain("distribution whole");
		assertThat(o.status).isEqualTo(2);
	}

	@Test
	void aBootWithADiskStartsEverything() throws Exception {
		assertThat(xen("boot", "no-such-kernel", "--disk", "ram:1M").err).contains("distribution whole").contains("no-such-kernel: no such file");
	}

	private List<String> leftovers() throws IOException {
		try (Stream<Path> files = Files.list(temporary)) {
			return files.map(f -> f.getFileName().toString()).filter(n -> n.startsWith("xen-felix")).toList();
		}
	}

	private Outcome xen(String... args) throws IOException, InterruptedException {
		Path out = temporary.resolve("out");
		Path err = temporary.resolve("err");
		Process p = process(args).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
		if (!p.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) p.destroyForcibly();
		return new Outcome(p.waitFor(), Files.readString(out), Files.readString(err));
	}

	private ProcessBuilder process(String... args) {
		Path distribution = Path.of(System.getProperty("xen.test.distribution"));
		Path workspace = Path.of(System.getProperty("xen.workspace"));
		List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "@" + workspace.resolve("xen.dist/jvm.options"),
				"-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary, "-Dxen.distribution=" + distribution, "-cp", distribution.resolveSibling("runtime.jar").toString(),
				"xen.dist.launcher.Main"));
		command.addAll(List.of(args));
		ProcessBuilder process = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile());
		if (args[0].equals("boot")) process.environment().put("XEN_TIMING", "1");
		return process;
	}
}
