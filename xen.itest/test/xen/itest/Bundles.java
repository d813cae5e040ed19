package xen.itest;

import java.io.InputStream;
import java.net.URI;
import java.util.Arrays;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Bundles of the running distribution. */
final class Bundles {
	private Bundles() {}

	static Bundle named(BundleContext context, String name) {
		return Arrays.stream(context.getBundles()).filter(b -> name.equals(b.getSymbolicName())).findFirst().orElseThrow();
	}

	/** What {@code felix:update} does. */
	static void update(Bundle b) throws Exception {
		try (InputStream in = URI.create(b.getLocation()).toURL().openStream()) {
			b.update(in);
		}
	}
}
