package xen.itest;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;
import org.ops4j.pax.exam.Option;

/** Pax Exam options that start what `./xen run lab` starts, from the file that the build wrote for the launcher. */
final class Lab {
	private static final String SYSTEM_PACKAGES = "org.osgi.framework.system.packages.extra";

	private Lab() {}

	static Option distribution() {
		Properties p = load(Path.of(System.getProperty("xen.test.distribution")));
		Stream<Option> bundles = p.stringPropertyNames().stream().filter(n -> n.startsWith("bundle.")).sorted().map(p::getProperty)
				.map(file -> bundle("file:" + file));
		Stream<Option> framework = p.stringPropertyNames().stream().filter(n -> n.startsWith("felix.") || n.startsWith("org.osgi.")).filter(n -> !n.equals(SYSTEM_PACKAGES))
				.map(n -> frameworkProperty(n).value(p.getProperty(n)));
		Option packages = systemPackages(p.getProperty(SYSTEM_PACKAGES, "").split(",(?=[a-z])"));
		Option noInteractiveShell = composite(systemProperty("gosh.args").value("--nointeractive --noshutdown"), systemProperty("gosh.home").value(System.getProperty("xen.workspace") + "/xen.itest/gosh"),
				systemProperty("org.jline.terminal.provider").value("dumb"));
		return composite(Stream.concat(Stream.of(packages, junitBundles(), noInteractiveShell), Stream.concat(framework, bundles)).toArray(Option[]::new));
	}

	private static Properties load(Path file) {
		Properties p = new Properties();
		try (Reader in = Files.newBufferedReader(file)) {
			p.load(in);
		} catch (IOException e) {
			throw new UncheckedIOException("the lab distribution is not built", e);
		}
		return p;
	}
}
