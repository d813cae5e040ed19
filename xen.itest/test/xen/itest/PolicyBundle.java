package xen.itest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Makes the jar of the bundle {@code xen.itest.policy}. */
final class PolicyBundle {
	private PolicyBundle() {}

	static Path jar() {
		try {
			Path jar = Files.createTempFile("xen-itest-policy", ".jar");
			jar.toFile().deleteOnExit();
			try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest())) {
				for (String name : List.of("Activator", "Queue")) {
					String entry = "xen/itest/policy/" + name + ".class";
					out.putNextEntry(new JarEntry(entry));
					try (InputStream in = PolicyBundle.class.getResourceAsStream("/" + entry)) {
						in.transferTo(out);
					}
				}
			}
			return jar;
		} catch (IOException e) {
			throw new AssertionError(e);
		}
	}

	private static Manifest manifest() {
		Manifest m = new Manifest();
		Attributes a = m.getMainAttributes();
		a.put(Attributes.Name.MANIFEST_VERSION, "1.0");
		a.putValue("Bundle-ManifestVersion", "2");
		a.putValue("Bundle-SymbolicName", "xen.itest.policy");
		a.putValue("Bundle-Version", "1.0.0");
		a.putValue("Bundle-Activator", "xen.itest.policy.Activator");
		a.putValue("Import-Package", "org.osgi.framework,xen.kernel.api.sched,xen.kernel.api.domain,xen.kernel.api.hw");
		return m;
	}
}
