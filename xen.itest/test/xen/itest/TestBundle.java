package xen.itest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes jars of bundles out of classes of the tests. */
final class TestBundle {
	private TestBundle() {}

	/** @param classes with all that is nested in them; @param texts other entries by name */
	static Path jar(String symbolicName, Map<String, String> headers, List<Class<?>> classes, Map<String, String> texts) {
		try {
			Path jar = Files.createTempFile(symbolicName, ".jar");
			jar.toFile().deleteOnExit();
			try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest(symbolicName, headers))) {
				for (Class<?> c : classes) entry(out, c);
				for (Map.Entry<String, String> t : texts.entrySet()) {
					out.putNextEntry(new JarEntry(t.getKey()));
					out.write(t.getValue().getBytes(StandardCharsets.UTF_8));
				}
			}
			return jar;
		} catch (IOException e) {
			throw new AssertionError(e);
		}
	}

	private static void entry(JarOutputStream out, Class<?> c) throws IOException {
		String entry = c.getName().replace('.', '/') + ".class";
		out.putNextEntry(new JarEntry(entry));
		try (InputStream in = c.getResourceAsStream("/" + entry)) {
			in.transferTo(out);
		}
		for (Class<?> nested : c.getDeclaredClasses()) entry(out, nested);
	}

	private static Manifest manifest(String symbolicName, Map<String, String> headers) {
		Manifest m = new Manifest();
		Attributes a = m.getMainAttributes();
		a.put(Attributes.Name.MANIFEST_VERSION, "1.0");
		a.putValue("Bundle-ManifestVersion", "2");
		a.putValue("Bundle-SymbolicName", symbolicName);
		a.putValue("Bundle-Version", "1.0.0");
		headers.forEach(a::putValue);
		return m;
	}
}
