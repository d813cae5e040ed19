package xen.build;

import aQute.bnd.build.Container;
import aQute.bnd.build.Project;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds one bundle when it is stale: classes by {@link Javac}, the jar by bnd, a copy of the jar in
 * {@code build/target/bundles}.
 *
 * <p>The copy is replaced in one step and only when its bytes change, so a running product keeps the file it has
 * open and what depends on the bundle is not rebuilt for nothing.
 */
final class BundleBuild {
	private enum Outcome { PENDING, GOOD, FAILED }

	/** Not --release: it hides sun.misc, which the machine needs for unaligned atomic access. */
	/** Strings are joined by StringBuilder: each call site that is linked instead costs a start a fraction of a millisecond, and the AOT cache keeps none of bundles. */
	private static final List<String> OPTIONS = List.of("-XDstringConcat=inline", "-source", "25", "-target", "25", "-proc:none", "-g", "-parameters", "-Xlint:none", "-nowarn");

	private final Path root;
	private final Project project;
	private final String driver;
	private final Path base;
	private final Path stamps;
	private final Javac javac;
	private Outcome main = Outcome.PENDING;
	private Outcome tests = Outcome.PENDING;

	BundleBuild(Path root, Project project, String driver) {
		this.root = root;
		this.project = project;
		this.driver = driver;
		this.base = project.getBase().toPath();
		this.stamps = root.resolve("build/target/stamps");
		this.javac = new Javac(root, System.err);
	}

	String name() {
		return project.getName();
	}

	boolean good() {
		return main == Outcome.GOOD;
	}

	boolean testsGood() {
		return tests == Outcome.GOOD;
	}

	/** The jar others use. */
	Path jar() {
		return root.resolve("build/target/bundles").resolve(name() + ".jar");
	}

	boolean build(Map<String, BundleBuild> all, boolean withTests) throws Exception {
		List<String> broken = dependencies().stream().map(Project::getName).filter(n -> all.containsKey(n) && !all.get(n).good()).toList();
		if (!broken.isEmpty()) {
			System.err.println(name() + ": not built, it needs " + String.join(", ", broken));
			main = tests = Outcome.FAILED;
			return false;
		}
		String inputs = inputs();
		main = step("main", inputs, this::buildMain);
		if (!withTests) return good();
		String testInputs = new Fingerprint().text(inputs).tree(base.resolve("test")).text(Fingerprint.class.getName()).hex();
		tests = good() ? step("test", testInputs, this::buildTests) : Outcome.FAILED;
		return good() && testsGood();
	}

	/** Class folders and jars the bundle's tests run with. */
	Set<File> testClasspath() throws Exception {
		Set<File> path = new LinkedHashSet<>();
		path.add(testBin().toFile());
		path.add(bin().toFile());
		path.addAll(files(project.getTestpath()));
		path.addAll(files(project.getBuildpath()));
		return path;
	}

	Path testBin() {
		return base.resolve("bin_test");
	}

	void release() throws Exception {
		project.release();
		if (!report()) throw new BuildException("release of " + name() + " failed");
	}

	private interface Step { boolean run() throws Exception; }

	private Outcome step(String kind, String inputs, Step step) throws Exception {
		Path stamp = stamps.resolve(name() + "." + kind);
		if (Fingerprint.matches(stamp, inputs)) return Outcome.GOOD;
		Files.deleteIfExists(stamp);
		if (!step.run()) {
			System.err.println(name() + ": " + (kind.equals("main") ? "failed" : "its tests do not compile"));
			return Outcome.FAILED;
		}
		Files.createDirectories(stamps);
		Files.writeString(stamp, inputs);
		return Outcome.GOOD;
	}

	private boolean buildMain() throws Exception {
		System.err.println("build " + name());
		if (!report()) return false;
		if (!javac.compile(base.resolve("src"), bin(), files(project.getBuildpath()), OPTIONS)) return false;
		project.setChanged();
		File[] jars = project.build();
		if (!report()) return false;
		if (jars != null && jars.length > 0) publish(jars[0].toPath());
		return true;
	}

	private boolean buildTests() throws Exception {
		Set<File> path = testClasspath();
		path.remove(testBin().toFile());
		return javac.compile(base.resolve("test"), testBin(), path, OPTIONS) && report();
	}

	private void publish(Path built) throws IOException {
		if (Files.isRegularFile(jar()) && Files.mismatch(built, jar()) < 0) return;
		Files.createDirectories(jar().getParent());
		Path next = jar().resolveSibling(name() + ".jar.next");
		Files.copy(built, next, StandardCopyOption.REPLACE_EXISTING);
		Files.move(next, jar(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

	private String inputs() throws Exception {
		Fingerprint f = new Fingerprint().text(driver).tree(base.resolve("src")).tree(base.resolve("bnd.bnd")).tree(root.resolve("bnd.bnd"))
				.tree(root.resolve("cnf/build.bnd")).tree(root.resolve("cnf/ext")).tree(root.resolve("cnf/libraries.mvn"));
		for (Project p : dependencies()) f.content(jar().resolveSibling(p.getName() + ".jar"));
		return f.hex();
	}

	private Collection<Project> dependencies() throws Exception {
		return project.getDependson();
	}

	private Path bin() {
		return base.resolve("bin");
	}

	private static List<File> files(Collection<Container> containers) throws Exception {
		List<File> files = new java.util.ArrayList<>();
		for (Container c : containers) {
			if (c.getError() != null) throw new BuildException(c.getBundleSymbolicName() + ": " + c.getError());
			files.add(c.getFile());
		}
		return files;
	}

	/** Prints what bnd has to say about the project; false when there are errors. */
	private boolean report() {
		project.getWarnings().forEach(w -> System.err.println(name() + ": warning: " + w));
		project.getErrors().forEach(e -> System.err.println(name() + ": " + e));
		boolean ok = project.getErrors().isEmpty();
		project.clear();
		return ok;
	}
}
