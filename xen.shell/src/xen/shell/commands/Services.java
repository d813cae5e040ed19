package xen.shell.commands;

import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import xen.kernel.api.sched.Scheduler;

/** What the shell reads in the service registry. */
final class Services {
	private Services() {}

	/** Names of the schedulers that are installed and started, and the bundle of each. */
	static SortedMap<String, String> schedulers(BundleContext context) {
		SortedMap<String, String> all = new TreeMap<>();
		for (ServiceReference<Scheduler> r : references(context, Scheduler.class)) {
			all.put(String.valueOf(r.getProperty("xen.scheduler")), r.getBundle().getSymbolicName() + " " + r.getBundle().getVersion());
		}
		return all;
	}

	/** Help of the commands whose components are ready. */
	static SortedMap<String, Help> commands(BundleContext context) {
		SortedMap<String, Help> all = new TreeMap<>();
		for (ServiceReference<CommandGroup> r : references(context, CommandGroup.class)) {
			CommandGroup group = context.getService(r);
			if (group == null) continue;
			HelpCommands.of(group).forEach(h -> all.put(h.name(), h));
			context.ungetService(r);
		}
		return all;
	}

	static <T> Collection<ServiceReference<T>> references(BundleContext context, Class<T> type) {
		try {
			return context.getServiceReferences(type, null);
		} catch (InvalidSyntaxException e) {
			throw new AssertionError("null is a filter", e);
		}
	}
}
