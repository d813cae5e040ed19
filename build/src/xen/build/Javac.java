package xen.build;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/** Compiles one source folder into one class folder, from nothing each time, so that no deleted source survives. */
final class Javac {
	private static final int SHOWN = 40;

	private final JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
	private final Path root;
	private final PrintStream err;

	Javac(Path root, PrintStream err) {
		this.root = root;
		this.err = err;
	}

	/** Returns whether the folder compiled; errors were printed as file:line: message. */
	boolean compile(Path src, Path bin, Collection<File> classpath, List<String> options) throws IOException {
		deleteTree(bin);
		Files.createDirectories(bin);
		if (!Files.isDirectory(src)) return true;
		List<Path> files;
		try (Stream<Path> walk = Files.walk(src)) {
			files = walk.filter(Files::isRegularFile).sorted().toList();
		}
		List<Path> sources = files.stream().filter(f -> f.toString().endsWith(".java")).toList();
		for (Path file : files) {
			if (file.toString().endsWith(".java")) continue;
			Path copy = bin.resolve(src.relativize(file));
			Files.createDirectories(copy.getParent());
			Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
		}
		if (sources.isEmpty()) return true;
		var diagnostics = new DiagnosticCollector<JavaFileObject>();
		try (var manager = javac.getStandardFileManager(diagnostics, Locale.ROOT, StandardCharsets.UTF_8)) {
			String path = classpath.stream().map(File::getPath).collect(Collectors.joining(File.pathSeparator));
			List<String> all = Stream.concat(Stream.of("-d", bin.toString(), "-classpath", path, "-encoding", "UTF-8"), options.stream()).toList();
			boolean good = javac.getTask(new PrintWriter(err, true), manager, diagnostics, all, null,
					manager.getJavaFileObjectsFromPaths(sources)).call();
			report(diagnostics.getDiagnostics());
			return good;
		}
	}

	private void report(List<Diagnostic<? extends JavaFileObject>> diagnostics) {
		List<Diagnostic<? extends JavaFileObject>> errors = diagnostics.stream().filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
				.sorted(Comparator.comparing(this::file).thenComparingLong(Diagnostic::getLineNumber)).toList();
		errors.stream().limit(SHOWN).forEach(d -> err.println(place(d) + d.getMessage(Locale.ROOT)));
		if (errors.size() > SHOWN) err.println("... and " + (errors.size() - SHOWN) + " more errors");
	}

	private String place(Diagnostic<? extends JavaFileObject> d) {
		return d.getSource() == null ? "" : file(d) + ":" + d.getLineNumber() + ": ";
	}

	private String file(Diagnostic<? extends JavaFileObject> d) {
		if (d.getSource() == null) return "";
		Path file = Path.of(d.getSource().toUri());
		return (file.startsWith(root) ? root.relativize(file) : file).toString();
	}

	static void deleteTree(Path top) throws IOException {
		if (!Files.exists(top)) return;
		try (Stream<Path> walk = Files.walk(top)) {
			for (Path p : walk.sorted(Comparator.reverseOrder()).toList()) Files.delete(p);
		}
	}
}
