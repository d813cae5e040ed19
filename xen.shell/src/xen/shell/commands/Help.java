package xen.shell.commands;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;

/**
 * What a command's annotations say.
 *
 * @param arguments the parameters after the options, as they appear in the usage line, and what each is
 */
record Help(String name, String summary, List<Argument> options, List<Argument> arguments) {
	/** A parameter: how it is typed, whether it may be left away, and its description without the leading name. */
	record Argument(String typed, boolean optional, String text) {}

	/** Commands of a group, by name. */
	static List<Help> of(Object commands) {
		return Arrays.stream(commands.getClass().getMethods()).filter(m -> m.isAnnotationPresent(Descriptor.class)).map(Help::of)
				.sorted(Comparator.comparing(Help::name)).toList();
	}

	private static Help of(Method m) {
		List<Argument> options = new ArrayList<>();
		List<Argument> arguments = new ArrayList<>();
		for (java.lang.reflect.Parameter p : m.getParameters()) {
			if (p.getType() == CommandSession.class) continue;
			Descriptor d = p.getAnnotation(Descriptor.class);
			String text = d == null ? p.getName().toUpperCase(Locale.ROOT) : d.value();
			int colon = text.indexOf(':');
			String value = colon < 0 ? text : text.substring(0, colon);
			String meaning = colon < 0 ? "" : text.substring(colon + 1).strip();
			Parameter option = p.getAnnotation(Parameter.class);
			if (option == null) {
				boolean optional = p.isVarArgs();
				arguments.add(new Argument(value, optional, meaning));
			} else {
				boolean flag = !option.presentValue().equals(Parameter.UNSPECIFIED);
				options.add(new Argument(option.names()[0] + (flag ? "" : " " + value), true, flag ? text : meaning));
			}
		}
		return new Help(hyphenated(m.getName()), m.getAnnotation(Descriptor.class).value(), List.copyOf(options), List.copyOf(arguments));
	}

	/** {@code vcpuList} is typed {@code vcpu-list}. */
	static String hyphenated(String method) {
		return method.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
	}

	String usage() {
		StringBuilder s = new StringBuilder("xen:").append(name);
		options.forEach(o -> s.append(" [").append(o.typed).append(']'));
		arguments.forEach(a -> s.append(a.optional ? " [" + a.typed + "]" : " " + a.typed));
		return s.toString();
	}

	String page() {
		StringBuilder s = new StringBuilder("usage: ").append(usage()).append('\n').append(summary).append('\n');
		for (List<Argument> part : List.of(options, arguments)) {
			part.forEach(a -> s.append(String.format("  %-22s %s%n", a.typed, a.text)));
		}
		return s.toString();
	}
}
