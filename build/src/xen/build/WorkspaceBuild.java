package xen.build;

import aQute.bnd.build.Project;
import aQute.bnd.build.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One build of the workspace: every stale bundle in dependency order, then the distributions.
 *
 * <p>A bundle that fails stops only the bundles that depend on it. Lives for one verb; not for several threads.
 */
final class WorkspaceBuild {
	private final Path root;
	private final Libraries libraries;
	private final Workspace workspace;
	private final Map<String, BundleBuild> bundles = new LinkedHashMap<>();

	WorkspaceBuild(Path root) throws Exception {
		this.root = root;
		this.libraries = new Libraries(root);
		libraries.fetchMissing();
		System.setProperty("xen.maven.repo", libraries.repository().toString());
		workspace = Workspace.getWorkspace(root.toFile());
		workspace.setProperty("xen.maven.repo", libraries.repository().toString());
		for (Project project : workspace.getBuildOrder()) bundles.put(project.getName(), new BundleBuild(root, project, driverDigest()));
		if (!workspace.isOk()) throw new BuildException("cnf: " + String.join("\ncnf: ", workspace.getErrors()));
	}

	/** Builds every bundle, the tests' classes and the distributions; 0 or 1. */
	int buildAll() throws Exception {
		boolean good = buildBundles(true);
		for (Path bndrun : distributions()) good &= distribution(bndrun) != null;
		return good ? 0 : 1;
	}

	/** The same, and what makes the product start faster. */
	int buildAndTrain() throws Exception {
		boolean good = buildBundles(true);
		for (Path bndrun : distributions()) {
			Distribution d = distribution(bndrun);
			if (d == null) good = false;
			else d.refreshAotCache();
		}
		return good ? 0 : 1;
	}

	/** Builds the bundles and the distributions; only what the named one needs decides the result. */
	int buildForProduct(String name) throws Exception {
		Path bndrun = root.resolve("xen.dist").resolve(name + ".bndrun");
		if (!Files.isRegularFile(bndrun)) throw new BuildException("no distribution '" + name + "': xen.dist has " + distributionNames());
		buildBundles(false);
		boolean good = false;
		for (Path each : distributions()) {
			boolean staged = distribution(each) != null;
			if (each.equals(bndrun)) good = staged;
		}
		return good ? 0 : 1;
	}

	int compose(Path bndrun, Path jar) throws Exception {
		if (!Files.isRegularFile(bndrun)) throw new BuildException("no such file: " + bndrun);
		buildBundles(false);
		Distribution d = new Distribution(root, workspace, bndrun, bundles);
		if (!d.resolve()) return 1;
		d.export(jar);
		return 0;
	}

	/** Puts built bundles into the release repository: the baseline of the next versions. */
	int release(List<String> names) throws Exception {
		if (names.isEmpty()) throw new BuildException("release needs the names of bundles");
		if (!buildBundles(false)) return 1;
		for (String name : names) {
			BundleBuild bundle = bundles.get(name);
			if (bundle == null) throw new BuildException("no bundle '" + name + "'");
			bundle.release();
		}
		return 0;
	}

	TestPlan testPlan(List<String> args) throws Exception {
		return new TestPlan(root, new ArrayList<>(bundles.values()), args);
	}

	private boolean buildBundles(boolean tests) throws Exception {
		boolean good = true;
		for (BundleBuild bundle : bundles.values()) good &= bundle.build(bundles, tests);
		return good;
	}

	/** The staged distribution, or null: what is wrong was printed. */
	private Distribution distribution(Path bndrun) throws Exception {
		Distribution d = new Distribution(root, workspace, bndrun, bundles);
		return d.isCurrent() || d.resolve() && d.stage() ? d : null;
	}

	private List<Path> distributions() throws IOException {
		Path dir = root.resolve("xen.dist");
		if (!Files.isDirectory(dir)) return List.of();
		try (Stream<Path> files = Files.list(dir)) {
			return files.filter(f -> f.toString().endsWith(".bndrun")).sorted().toList();
		}
	}

	private List<String> distributionNames() throws IOException {
		return distributions().stream().map(p -> p.getFileName().toString().replace(".bndrun", "")).toList();
	}

	/** The driver is an input of every step: a changed driver rebuilds everything. */
	private String driverDigest() throws IOException {
		return new Fingerprint().tree(root.resolve("build/target/classes")).hex();
	}
}
