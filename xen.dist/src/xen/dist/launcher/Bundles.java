package xen.dist.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;

/**
 * Installs and starts the distribution's bundles, in two parts: those of {@code xen.first}, and the others when somebody asks with {@link #run}, from
 * any thread. All of a part are installed before one of it is started, so that they resolve whatever their order. A bundle that does not start is
 * reported and the others go on; in the first part it brings everything at once, because it may need what {@code xen.first} forgot.
 */
final class Bundles implements Runnable, Consumer<String> {
	private final BundleContext context;
	private final Distribution distribution;
	private final Runnable whole;
	/** By their names in the distribution. */
	private final Map<String, Bundle> installed = new LinkedHashMap<>();
	private boolean complete;

	/** @param whole is told once, when everything is started */
	Bundles(BundleContext context, Distribution distribution, Runnable whole) {
		this.context = context;
		this.distribution = distribution;
		this.whole = whole;
	}

	synchronized void first() throws LaunchException, BundleException, IOException {
		List<String> first = distribution.first();
		if (first.isEmpty()) {
			run();
			return;
		}
		install(first);
		Timing.mark(first.size() + " bundles installed");
		for (String name : first) {
			if (!start(installed.get(name), false)) {
				run();
				return;
			}
		}
	}

	/** Starts what is not started yet; returns when all are. */
	@Override
	public synchronized void run() {
		if (complete) return;
		complete = true;
		try {
			install(distribution.bundles());
		} catch (LaunchException | BundleException | IOException e) {
			System.err.println("xen: the distribution is not whole: " + e.getMessage());
		}
		Timing.mark(installed.size() + " bundles installed");
		for (String name : distribution.bundles()) {
			Bundle b = installed.get(name);
			if (b != null && !distribution.onDemand().contains(b.getSymbolicName())) start(b, true);
		}
		whole.run();
		Timing.mark("distribution whole");
	}

	/** A step of the main program, for {@link Timing}. */
	@Override
	public void accept(String step) { Timing.mark(step); }

	private void install(List<String> names) throws LaunchException, BundleException, IOException {
		for (String name : names) {
			if (installed.containsKey(name)) continue;
			try (InputStream in = distribution.open(name)) {
				installed.put(name, context.installBundle(distribution.location(name), in));
			}
		}
	}

	private static boolean start(Bundle b, boolean report) {
		if (b.getState() == Bundle.ACTIVE || b.getHeaders("").get(Constants.FRAGMENT_HOST) != null) return true;
		try {
			b.start(Bundle.START_ACTIVATION_POLICY);
			Timing.mark(b.getSymbolicName() + " started");
			return true;
		} catch (BundleException e) {
			if (report) System.err.println("xen: bundle " + b.getSymbolicName() + " does not start: " + e.getMessage());
			return false;
		}
	}
}
