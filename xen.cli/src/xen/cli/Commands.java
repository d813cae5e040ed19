package xen.cli;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.util.tracker.ServiceTracker;
import xen.kernel.api.cli.CliCommand;

/**
 * Subcommands in the service registry. An unknown name is answered at once, from DS's component descriptions; a known
 * one whose references are not satisfied yet is waited for, and what it lacks is named when it does not come.
 */
final class Commands implements CommandSource {
	private static final String NAME = "cli.name";
	private static final long WAIT_MILLIS = 10_000;

	private final BundleContext context;
	private final ServiceComponentRuntime runtime;

	Commands(BundleContext context, ServiceComponentRuntime runtime) {
		this.context = context;
		this.runtime = runtime;
	}

	@Override
	public Found find(String name) throws InterruptedException {
		ServiceTracker<CliCommand, CliCommand> tracker = new ServiceTracker<>(context, filter(name), null);
		tracker.open();
		CliCommand command = tracker.getService();
		if (command != null) return new Ready(command);
		List<ComponentDescriptionDTO> described = runtime.getComponentDescriptionDTOs().stream().filter(d -> name.equals(d.properties.get(NAME))).toList();
		if (described.isEmpty()) return new Unknown();
		command = tracker.waitForService(WAIT_MILLIS);
		return command != null ? new Ready(command) : new Waiting(described.stream().map(this::missing).collect(Collectors.joining("; ")));
	}

	@Override
	public Optional<CliCommand> now(String name) {
		try {
			return context.getServiceReferences(CliCommand.class, text(name)).stream().findFirst().map(context::getService);
		} catch (InvalidSyntaxException e) {
			throw new AssertionError("the name is escaped", e);
		}
	}

	@Override
	public SortedMap<String, String> summaries() {
		SortedMap<String, String> all = new TreeMap<>();
		try {
			Collection<ServiceReference<CliCommand>> references = context.getServiceReferences(CliCommand.class, null);
			for (ServiceReference<CliCommand> r : references) {
				CliCommand c = context.getService(r);
				if (c != null) all.put(String.valueOf(r.getProperty(NAME)), c.summary());
			}
		} catch (InvalidSyntaxException e) {
			throw new AssertionError("null is a filter", e);
		}
		return all;
	}

	private org.osgi.framework.Filter filter(String name) {
		try {
			return FrameworkUtil.createFilter("(&(objectClass=" + CliCommand.class.getName() + ")" + text(name) + ")");
		} catch (InvalidSyntaxException e) {
			throw new AssertionError("the name is escaped", e);
		}
	}

	private static String text(String name) { return "(" + NAME + "=" + name.replaceAll("[\\\\*()]", "\\\\$0") + ")"; }

	private String missing(ComponentDescriptionDTO d) {
		return runtime.getComponentConfigurationDTOs(d).stream()
				.flatMap(c -> java.util.Arrays.stream(c.unsatisfiedReferences))
				.map(r -> d.name + " has no " + service(d, r.name))
				.distinct().collect(Collectors.joining(", ", "", " (its bundle stopped, or a component behind it failed: see the log)"));
	}

	private static String service(ComponentDescriptionDTO d, String reference) {
		return java.util.Arrays.stream(d.references).filter(r -> r.name.equals(reference)).map(r -> r.interfaceName).findFirst().orElse(reference);
	}
}
