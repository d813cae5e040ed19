package xen.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Makes sure that every library of {@code cnf/libraries.mvn} is in Maven's local repository.
 *
 * <p>Maven itself fetches what is missing, by a generated pom without transitive dependencies, so that the user's
 * mirrors, proxies and credentials apply and the list in {@code cnf} stays the only one.
 */
final class Libraries {
	private record Gav(String group, String artifact, String version) {
		static Gav of(String line) {
			String[] part = line.split(":");
			if (part.length != 3) throw new BuildException("cnf/libraries.mvn: not group:artifact:version: " + line);
			return new Gav(part[0], part[1], part[2]);
		}

		Path jar(Path repository) {
			return repository.resolve(group.replace('.', '/')).resolve(artifact).resolve(version).resolve(artifact + "-" + version + ".jar");
		}

		String dependency() {
			return "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version><exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>%n"
					.formatted(group, artifact, version);
		}
	}

	private final Path root;
	private final Path repository;

	Libraries(Path root) {
		this.root = root;
		this.repository = Path.of(System.getProperty("maven.repo.local", System.getProperty("user.home") + "/.m2/repository"));
	}

	Path repository() {
		return repository;
	}

	void fetchMissing() throws IOException, InterruptedException {
		List<Gav> all;
		try (var lines = Files.lines(root.resolve("cnf/libraries.mvn"))) {
			all = lines.map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).map(Gav::of).toList();
		}
		List<Gav> missing = missing(all);
		if (missing.isEmpty()) return;
		System.err.println("xen: Maven fetches " + missing.size() + " libraries");
		Path pom = root.resolve("build/target/libraries/pom.xml");
		Files.createDirectories(pom.getParent());
		Files.writeString(pom, """
				<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
				<groupId>xen</groupId><artifactId>xen.libraries</artifactId><version>1</version><packaging>pom</packaging>
				<dependencies>
				%s</dependencies></project>
				""".formatted(all.stream().map(Gav::dependency).collect(Collectors.joining())));
		int status = new ProcessBuilder(System.getProperty("xen.mvn", "mvn"), "-q", "-B", "-Dstyle.color=never", "-Dmaven.repo.local=" + repository, "-f", pom.toString(),
				"org.apache.maven.plugins:maven-dependency-plugin:3.9.0:resolve").inheritIO().start().waitFor();
		missing = missing(all);
		if (status != 0 || !missing.isEmpty())
			throw new BuildException("Maven could not fetch the libraries of cnf/libraries.mvn (network? proxy in ~/.m2/settings.xml?): " + missing);
	}

	private List<Gav> missing(List<Gav> all) {
		return all.stream().filter(g -> !Files.isRegularFile(g.jar(repository))).toList();
	}
}
