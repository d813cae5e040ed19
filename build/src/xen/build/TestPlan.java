package xen.build;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tests of one run: unit tests of the chosen bundles in one forked JVM with the product's flags, then those of
 * {@code xen.itest}, which start a framework, in another. Ends with the line {@code N passed, N failed, N skipped}.
 * Made while the build's lock is held, run without it.
 */
final class TestPlan implements AutoCloseable {
	private static final String FRAMEWORK_TESTS = "xen.itest";

	/** Tests that share a JVM: folders with test classes, and the class path. */
	private record Group(String kind, List<Path> roots, List<Path> path) {}

	private final Path root;
	private final boolean fast;
	private final String filter;
	private final List<String> broken;
	private final List<Group> groups = new ArrayList<>();
	private final Snapshot snapshot = new Snapshot();

	TestPlan(Path root, List<BundleBuild> bundles, List<String> args) throws Exception {
		this.root = root;
		this.fast = args.contains("--fast");
		List<String> filters = args.stream().filter(a -> !a.equals("--fast")).toList();
		if (filters.size() > 1) throw new BuildException("test takes one filter: a bundle's name or part of a class name");
		String wanted = filters.isEmpty() ? "" : filters.getFirst();
		List<BundleBuild> named = bundles.stream().filter(b -> b.name().equals(wanted)).toList();
		filter = named.isEmpty() ? wanted : "";
		List<BundleBuild> chosen = named.isEmpty() ? bundles : named;
		broken = chosen.stream().filter(b -> !b.testsGood()).map(BundleBuild::name).toList();
		List<BundleBuild> good = chosen.stream().filter(BundleBuild::testsGood).toList();
		groups.add(group("unit", good.stream().filter(b -> !b.name().equals(FRAMEWORK_TESTS)).toList()));
		if (!fast) groups.add(group("framework", good.stream().filter(b -> b.name().equals(FRAMEWORK_TESTS)).toList()));
	}

	int run() throws Exception {
		TestCounts counts = new TestCounts(0, broken.size(), 0);
		for (Group g : groups) counts = counts.plus(fork(g));
		if (!broken.isEmpty()) System.out.println("FAILED to build, so counted as one failure each: " + String.join(", ", broken));
		System.out.println(counts.line());
		System.out.flush();
		if (counts.none()) System.err.println("xen: no test matches" + (filter.isEmpty() ? "" : " '" + filter + "'"));
		return counts.failed() > 0 || counts.none() ? 1 : 0;
	}

	@Override
	public void close() throws IOException {
		snapshot.close();
	}

	private Group group(String kind, List<BundleBuild> bundles) throws Exception {
		List<Path> roots = new ArrayList<>();
		Set<File> path = new LinkedHashSet<>();
		for (BundleBuild b : bundles) {
			if (Files.isDirectory(b.testBin())) roots.add(snapshot.of(b.testBin()));
			path.addAll(b.testClasspath());
		}
		path.add(root.resolve("build/target/classes").toFile());
		path.add(root.resolve("xen.dist/bin").toFile()); // logging as the product has it
		return new Group(kind, roots, roots.isEmpty() ? List.of() : snapshot.of(path));
	}

	private TestCounts fork(Group group) throws Exception {
		if (group.roots.isEmpty()) return TestCounts.ZERO;
		Path result = Files.createTempFile("xen-test", ".counts");
		try {
			int status = command(group, result).start().waitFor();
			List<String> lines = Files.readAllLines(result);
			if (!lines.isEmpty()) return TestCounts.parse(lines.getFirst());
			System.err.println("xen: the JVM of the " + group.kind + " tests ended with status " + status + " before the tests did");
			return new TestCounts(0, 1, 0);
		} finally {
			Files.deleteIfExists(result);
		}
	}

	private ProcessBuilder command(Group group, Path result) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.add("@" + root.resolve("xen.dist/jvm.options"));
		command.add("-ea");
		command.add("-Dxen.workspace=" + root);
		command.add("-Dxen.log=" + System.getenv().getOrDefault("XEN_LOG", "OFF")); // tests provoke errors: asserted, not read
		command.add("-Dxen.test.distribution=" + root.resolve("build/target/dist/lab/distribution.properties"));
		command.add("-classpath");
		command.add(group.path.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
		command.add("xen.build.TestRunner");
		command.add(result.toString());
		command.add(group.kind);
		command.add(Boolean.toString(fast));
		command.add(filter);
		group.roots.forEach(r -> command.add(r.toString()));
		return new ProcessBuilder(command).inheritIO().directory(root.toFile());
	}
}
