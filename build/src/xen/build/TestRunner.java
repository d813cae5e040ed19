package xen.build;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Main class of a forked test JVM: runs what it finds in the given class folders and writes the counts to a file.
 * Arguments: result file, kind, fast, filter, class folders.
 */
public final class TestRunner {
	private TestRunner() {}

	public static void main(String[] args) throws Exception {
		Path result = Path.of(args[0]);
		boolean fast = Boolean.parseBoolean(args[2]);
		String filter = args[3];
		List<Path> roots = Arrays.stream(args).skip(4).map(Path::of).toList();
		var request = LauncherDiscoveryRequestBuilder.request().selectors(selectClasspathRoots(new HashSet<>(roots)))
				.configurationParameter("junit.jupiter.execution.timeout.default", "10 m")
				.configurationParameter("jqwik.database", "build/target/jqwik-database");
		if (fast) request.filters(TagFilter.excludeTags("slow"));
		if (!filter.isEmpty()) request.filters(ClassNameFilter.includeClassNamePatterns(".*" + Pattern.quote(filter) + ".*"));
		TestReport report = new TestReport(args[1]);
		LauncherDiscoveryRequest built = request.build();
		LauncherFactory.create().execute(built, report);
		Files.writeString(result, report.counts().encoded() + "\n");
		report.summary().forEach(System.out::println);
		System.out.flush();
		System.exit(report.counts().failed() > 0 ? 1 : 0);
	}

	/** The part of a stack trace that is the test's own. */
	static List<String> trimmed(Throwable t) {
		List<String> lines = new ArrayList<>();
		for (Throwable c = t; c != null; c = c.getCause()) {
			lines.add((c == t ? "" : "caused by ") + c);
			Arrays.stream(c.getStackTrace()).map(StackTraceElement::toString).filter(TestRunner::ours).limit(12).forEach(s -> lines.add("    at " + s));
		}
		return lines;
	}

	private static boolean ours(String frame) {
		return !frame.startsWith("org.junit.") && !frame.startsWith("java.base/") && !frame.startsWith("xen.build.") && !frame.startsWith("org.assertj.")
				&& !frame.startsWith("net.jqwik.") && !frame.startsWith("org.ops4j.");
	}
}
