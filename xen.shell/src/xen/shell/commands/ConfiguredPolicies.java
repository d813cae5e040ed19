package xen.shell.commands;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.sched.Scheduler;

/** {@link PolicySettings} of the framework: a scheduler's configuration PID is the name of its component. */
final class ConfiguredPolicies implements PolicySettings {
	private final BundleContext context;
	private final ConfigurationAdmin admin;
	private final MetaTypeService types;

	ConfiguredPolicies(BundleContext context, ConfigurationAdmin admin, MetaTypeService types) {
		this.context = context;
		this.admin = admin;
		this.types = types;
	}

	@Override
	public List<Setting> of(String scheduler) {
		ServiceReference<Scheduler> r = reference(scheduler);
		Dictionary<String, Object> set = configured(pid(r));
		List<Setting> all = new ArrayList<>();
		for (AttributeDefinition a : attributes(r)) {
			String otherwise = a.getDefaultValue() == null || a.getDefaultValue().length == 0 ? "" : a.getDefaultValue()[0];
			Object value = set.get(a.getID());
			all.add(new Setting(a.getID(), value == null ? otherwise : value.toString(), otherwise, a.getName()));
		}
		return all;
	}

	@Override
	public void set(String scheduler, Map<String, String> values) throws IOException {
		ServiceReference<Scheduler> r = reference(scheduler);
		List<AttributeDefinition> known = attributes(r);
		Dictionary<String, Object> next = configured(pid(r));
		for (Map.Entry<String, String> e : values.entrySet()) {
			AttributeDefinition a = known.stream().filter(k -> k.getID().equals(e.getKey())).findFirst().orElseThrow(() -> new CommandFailure(CliCommand.USAGE,
					"scheduler " + scheduler + " has no parameter '" + e.getKey() + "'" + there(known)));
			next.put(a.getID(), typed(a, e.getValue()));
		}
		admin.getConfiguration(pid(r), "?").update(next);
	}

	private static String there(List<AttributeDefinition> known) {
		return known.isEmpty() ? " nor any other" : ": there are " + known.stream().map(AttributeDefinition::getID).collect(Collectors.joining(", "));
	}

	private static Object typed(AttributeDefinition a, String text) {
		String wrong = a.validate(text);
		if (wrong != null && !wrong.isEmpty()) throw new CommandFailure(CliCommand.USAGE, a.getID() + "=" + text + ": " + wrong + "; " + a.getName());
		try {
			return switch (a.getType()) {
				case AttributeDefinition.LONG -> Long.valueOf(text);
				case AttributeDefinition.INTEGER -> Integer.valueOf(text);
				case AttributeDefinition.BOOLEAN -> Boolean.valueOf(text);
				default -> text;
			};
		} catch (NumberFormatException e) {
			throw new CommandFailure(CliCommand.USAGE, a.getID() + "=" + text + ": a number is expected; " + a.getName());
		}
	}

	private ServiceReference<Scheduler> reference(String scheduler) {
		return Services.references(context, Scheduler.class).stream().filter(r -> scheduler.equals(r.getProperty("xen.scheduler"))).findFirst()
				.orElseThrow(() -> new CommandFailure(CliCommand.FAILED, "there is no scheduler '" + scheduler + "': xen:schedulers lists them"));
	}

	private static String pid(ServiceReference<Scheduler> r) {
		return String.valueOf(r.getProperty("component.name"));
	}

	private List<AttributeDefinition> attributes(ServiceReference<Scheduler> r) {
		MetaTypeInformation m = types.getMetaTypeInformation(r.getBundle());
		if (m == null || !Arrays.asList(m.getPids()).contains(pid(r))) return List.of();
		return List.of(m.getObjectClassDefinition(pid(r), null).getAttributeDefinitions(ObjectClassDefinition.ALL));
	}

	/** A copy of what is configured; empty while nothing is. */
	private Dictionary<String, Object> configured(String pid) {
		Dictionary<String, Object> copy = new Hashtable<>();
		try {
			Configuration[] found = admin.listConfigurations("(service.pid=" + pid + ")");
			Dictionary<String, Object> p = found == null ? null : found[0].getProperties();
			if (p != null) java.util.Collections.list(p.keys()).forEach(k -> copy.put(k, p.get(k)));
		} catch (IOException | org.osgi.framework.InvalidSyntaxException e) {
			throw new IllegalStateException("the configuration of " + pid + " cannot be read: " + e, e);
		}
		return copy;
	}
}
