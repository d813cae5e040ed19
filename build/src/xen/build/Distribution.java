package xen.build;

import aQute.bnd.build.Container;
import aQute.bnd.build.Workspace;
import aQute.bnd.header.OSGiHeader;
import aQute.bnd.header.Parameters;
import aQute.bnd.osgi.Domain;
import aQute.bnd.osgi.Processor;
import biz.aQute.resolve.Bndrun;
import biz.aQute.resolve.ResolveProcess;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import org.osgi.service.resolver.ResolutionException;

/**
 * A distribution: the bundles that bnd's resolver finds for a {@code .bndrun} file, and the flat jar that starts them.
 *
 * <p>{@link #stage} lays it out in {@code build/target/dist/NAME} for {@code ./xen}: {@code runtime.jar} (framework,
 * run path and launcher, flat) and {@code distribution.properties} naming the bundles as files. {@link #export} puts
 * the same into one executable jar with the bundles nested. Resolved anew only when the file or a bundle changed.
 */
final class Distribution {
	private final Path root;
	private final Workspace workspace;
	private final Path bndrun;
	private final Map<String, BundleBuild> built;
	private final Path stage;
	private final List<Path> bundles = new ArrayList<>();
	private final Map<String, Path> byName = new HashMap<>();
	private final List<Path> first = new ArrayList<>();
	private final List<Path> flat = new ArrayList<>();
	private final Properties properties = new Properties();

	Distribution(Path root, Workspace workspace, Path bndrun, Map<String, BundleBuild> built) {
		this.root = root;
		this.workspace = workspace;
		this.bndrun = bndrun.toAbsolutePath();
		this.built = built;
		this.stage = root.resolve("build/target/dist").resolve(name());
	}

	private String name() {
		return bndrun.getFileName().toString().replace(".bndrun", "");
	}

	/** Whether what was staged is still right: no input changed and all its bundles are built. */
	boolean isCurrent() throws IOException {
		return Fingerprint.matches(stage.resolve("stamp"), inputs()) && Files.isRegularFile(stage.resolve("runtime.jar")) && membersGood(staged());
	}

	private List<String> staged() throws IOException {
		Path members = stage.resolve("members");
		return Files.isRegularFile(members) ? Files.readAllLines(members) : List.of();
	}

	/** XEN_KEEP_GOING=1 accepts the last good jar of a bundle that fails now, for those who work on another one. */
	private boolean membersGood(List<String> names) {
		List<String> broken = names.stream().filter(n -> built.containsKey(n) && !built.get(n).good()).toList();
		if (broken.isEmpty()) return true;
		boolean accepted = System.getenv("XEN_KEEP_GOING") != null && broken.stream().allMatch(n -> Files.isRegularFile(built.get(n).jar()));
		System.err.println(name() + ".bndrun: " + String.join(", ", broken) + (accepted ? ": taken from the last good build" : " failed to build"));
		return accepted;
	}

	/** Runs the resolver; false with a message when there is no solution or one of the bundles failed to build. */
	boolean resolve() throws Exception {
		try (Bndrun run = Bndrun.createBndrun(workspace, bndrun.toFile())) {
			try {
				run.setProperty("-runbundles", run.resolve(false, false));
			} catch (ResolutionException e) {
				System.err.println(name() + ".bndrun does not resolve:\n" + ResolveProcess.format(e, false));
				return false;
			}
			for (Container c : run.getRunbundles()) addBundle(c);
			for (String name : new Parameters(run.getProperty("xen.first", ""), run).keySet()) {
				if (byName.containsKey(name)) first.add(byName.get(name));
				else run.error("xen.first names %s, which is none of its bundles", name);
			}
			for (Container c : run.getRunFw()) flat.add(file(c));
			for (Container c : run.getRunpath()) flat.add(file(c));
			flat.add(built.get("xen.dist").jar());
			run.getRunProperties().forEach(properties::setProperty);
			properties.setProperty("org.osgi.framework.system.packages.extra", systemPackages(run));
			properties.setProperty("xen.onDemand", String.join(",", new Parameters(run.getProperty("xen.onDemand", ""), run).keySet()));
			run.getErrors().forEach(e -> System.err.println(name() + ".bndrun: " + e));
			List<String> names = bundles.stream().map(Distribution::stem).toList();
			return run.getErrors().isEmpty() && membersGood(names) && built.get("xen.dist").good();
		}
	}

	boolean stage() throws IOException, InterruptedException {
		Files.createDirectories(stage);
		Files.deleteIfExists(stage.resolve("stamp"));
		FlatJar jar = new FlatJar();
		flat.forEach(jar::merge);
		boolean changed = jar.writeIfChanged(stage.resolve("runtime.jar"));
		Properties p = (Properties) properties.clone();
		name(p, Path::toString);
		Files.writeString(stage.resolve("distribution.properties"), text(p));
		Files.write(stage.resolve("members"), bundles.stream().map(Distribution::stem).toList());
		new AotCache(root, stage).makeIfUseless(changed);
		Files.writeString(stage.resolve("stamp"), inputs());
		return true;
	}

	/** After {@link #stage} or when {@link #isCurrent}. */
	void refreshAotCache() throws IOException, InterruptedException {
		Properties staged = new Properties();
		try (var in = Files.newBufferedReader(stage.resolve("distribution.properties"))) {
			staged.load(in);
		}
		List<Path> files = staged.stringPropertyNames().stream().filter(n -> n.startsWith("bundle.")).sorted().map(n -> Path.of(staged.getProperty(n))).toList();
		new AotCache(root, stage).refresh(files);
	}

	void export(Path out) throws IOException {
		FlatJar jar = new FlatJar();
		flat.forEach(jar::merge);
		Properties p = (Properties) properties.clone();
		name(p, b -> "bundles/" + b.getFileName());
		for (Path b : bundles) jar.put("bundles/" + b.getFileName(), Files.readAllBytes(b));
		jar.put("distribution.properties", text(p).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
		jar.write(out);
		System.err.println("%s: %d bundles, %d KiB".formatted(out, bundles.size(), Files.size(out) / 1024));
	}

	/** What the launcher reads: where the bundles are, and which of them are started first. */
	private void name(Properties p, Function<Path, String> place) {
		for (int i = 0; i < bundles.size(); i++) p.setProperty("bundle.%03d".formatted(i), place.apply(bundles.get(i)));
		for (int i = 0; i < first.size(); i++) p.setProperty("first." + i, place.apply(first.get(i)));
	}

	private void addBundle(Container c) throws Exception {
		Path file = file(c);
		BundleBuild project = built.get(c.getBundleSymbolicName());
		bundles.add(project != null && file.startsWith(root) ? project.jar() : new ModernClasses(root.resolve("build/target/libraries")).of(file));
		byName.put(c.getBundleSymbolicName(), bundles.getLast());
	}

	private static Path file(Container c) {
		if (c.getError() != null) throw new BuildException(c.getBundleSymbolicName() + ": " + c.getError());
		return c.getFile().toPath();
	}

	private static String stem(Path jar) {
		return jar.getFileName().toString().replaceFirst("\\.jar$", "");
	}

	/** What the framework exports besides the JDK: the run path's packages (slf4j exports its own as 1.7 and as 2.0), and -runsystempackages. */
	private String systemPackages(Bndrun run) throws Exception {
		List<String> clauses = new ArrayList<>();
		for (Container c : run.getRunpath()) {
			Domain manifest = Domain.domain(file(c).toFile());
			if (manifest != null) addClauses(clauses, manifest.getExportPackage());
		}
		addClauses(clauses, OSGiHeader.parseHeader(run.mergeProperties("-runsystempackages")));
		return String.join(",", clauses);
	}

	private static void addClauses(List<String> clauses, Parameters exports) {
		exports.forEach((name, attributes) -> {
			String version = attributes.getVersion();
			clauses.add(Processor.removeDuplicateMarker(name) + (version == null ? "" : ";version=\"" + version + "\""));
		});
	}

	/** The manifests decide what resolves, so every bundle of the workspace is an input. */
	private String inputs() throws IOException {
		Fingerprint f = new Fingerprint().tree(root.resolve("cnf/libraries.mvn")).tree(root.resolve("build/target/classes"));
		try (var files = Files.list(bndrun.getParent())) {
			for (Path p : files.filter(p -> p.toString().endsWith(".bndrun")).sorted().toList()) f.content(p);
		}
		for (BundleBuild b : built.values()) f.text(b.name()).text(manifest(b.jar()));
		f.content(built.containsKey("xen.dist") ? built.get("xen.dist").jar() : root);
		return f.hex();
	}

	private static String manifest(Path jar) throws IOException {
		if (!Files.isRegularFile(jar)) return "";
		try (var file = new java.util.jar.JarFile(jar.toFile()); var in = file.getInputStream(file.getEntry("META-INF/MANIFEST.MF"))) {
			return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
		}
	}

	private static String text(Properties p) throws IOException {
		StringWriter w = new StringWriter();
		p.store(w, null);
		return w.toString().lines().filter(l -> !l.startsWith("#")).sorted().reduce("", (a, b) -> a + b + "\n");
	}

}
