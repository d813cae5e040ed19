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
 */
final class TestPlan {
	private static final String FRAMEWORK_TESTS = "xen.itest";

	private final Path root;
	private final List<BundleBuild> unit = new ArrayList<>();
	private final List<BundleBuild> framework = new ArrayList<>();
	private final boolean fast;
	private final List<String> broken = new ArrayList<>();
	private String filter = "";

	TestPlan(Path root, List<BundleBuild> bundles, List<String> args) {
		this.root = root;
		this.fast = args.contains("--fast");
		List<String> filters = args.stream().filter(a -> !a.equals("--fast")).toList();
		if (filters.size() > 1) throw new BuildException("test takes one filter: a bundle's name or part of a class name");
		List<BundleBuild> chosen = bundles;
		if (!filters.isEmpty()) {
			String f = filters.getFirst();
			List<BundleBuild> named = bundles.stream().filter(b -> b.name().equals(f)).toList();
			if (named.isEmpty()) filter = f;
			else chosen = named;
		}
		for (BundleBuild b : chosen) {
			if (!b.testsGood()) broken.add(b.name());
			else if (!b.name().equals(FRAMEWORK_TESTS)) unit.add(b);
			else if (!fast) framework.add(b);
		}
	}

	int run() throws Exception {
		TestCounts counts = fork("unit", unit).plus(fork("framework", framework)).plus(new TestCounts(0, broken.size(), 0));
		if (!broken.isEmpty()) System.out.println("FAILED to build, so counted as one failure each: " + String.join(", ", broken));
		System.out.println(counts.line());
		System.out.flush();
		if (counts.none()) System.err.println("xen: no test matches" + (filter.isEmpty() ? "" : " '" + filter + "'"));
		return counts.failed() > 0 || counts.none() ? 1 : 0;
	}

	private TestCounts fork(String kind, List<BundleBuild> bundles) throws Exception {
		List<Path> roots = bundles.stream().map(BundleBuild::testBin).filter(Files::isDirectory).toList();
		if (roots.isEmpty()) return TestCounts.ZERO;
		Set<File> path = new LinkedHashSet<>();
		for (BundleBuild b : bundles) path.addAll(b.testClasspath());
		path.add(root.resolve("build/target/classes").toFile());
		path.add(root.resolve("xen.dist/bin").toFile()); // logging as the product has it
		Path result = Files.createTempFile("xen-test", ".counts");
		try {
			int status = command(kind, roots, path, result).start().waitFor();
			List<String> lines = Files.readAllLines(result);
			if (!lines.isEmpty()) return TestCounts.parse(lines.getFirst());
			System.err.println("xen: the JVM of the " + kind + " tests ended with status " + status + " before the tests did");
			return new TestCounts(0, 1, 0);
		} finally {
			Files.deleteIfExists(result);
		}
	}

	private ProcessBuilder command(String kind, List<Path> roots, Set<File> path, Path result) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.add("@" + root.resolve("xen.dist/jvm.options"));
		command.add("-ea");
		command.add("-Dxen.workspace=" + root);
		command.add("-Dxen.log=" + System.getenv().getOrDefault("XEN_LOG", "OFF")); // tests provoke errors: asserted, not read
		command.add("-Dxen.test.distribution=" + root.resolve("build/target/dist/lab/distribution.properties"));
		command.add("-classpath");
		command.add(path.stream().map(File::getPath).collect(Collectors.joining(File.pathSeparator)));
		command.add("xen.build.TestRunner");
		command.add(result.toString());
		command.add(kind);
		command.add(Boolean.toString(fast));
		command.add(filter);
		roots.forEach(r -> command.add(r.toString()));
		return new ProcessBuilder(command).inheritIO().directory(root.toFile());
	}
}
