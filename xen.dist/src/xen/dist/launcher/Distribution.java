package xen.dist.launcher;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * What is to be started: framework properties and bundles in order. Read from {@code distribution.properties}, written
 * by the build: {@code bundle.NNN} is a file, or an entry of this jar when the distribution is one jar; {@code first.N} is one of them that is started early.
 */
final class Distribution {
	private static final String BUNDLE = "bundle.", FIRST = "first.";

	private final Properties properties;
	private final boolean nested;

	private Distribution(Properties properties, boolean nested) {
		this.properties = properties;
		this.nested = nested;
	}

	static Distribution load() throws IOException, LaunchException {
		String file = System.getProperty("xen.distribution");
		Properties p = new Properties();
		try (InputStream in = file != null ? new FileInputStream(file) : Main.class.getResourceAsStream("/distribution.properties")) {
			if (in == null) throw new LaunchException("this jar holds no distribution; name one with -Dxen.distribution=FILE");
			p.load(in);
		}
		return new Distribution(p, file == null);
	}

	/** System properties win, so that a user can change one framework property without a new distribution. */
	Map<String, String> framework() {
		Map<String, String> map = new LinkedHashMap<>();
		for (String name : properties.stringPropertyNames())
			if (!name.startsWith(BUNDLE) && !name.startsWith(FIRST)) map.put(name, System.getProperty(name, properties.getProperty(name)));
		return map;
	}

	List<String> bundles() {
		return properties.stringPropertyNames().stream().filter(n -> n.startsWith(BUNDLE)).sorted().map(properties::getProperty).toList();
	}

	/** The bundles that are started before the main program, in that order; none = all are. */
	List<String> first() {
		List<String> names = new ArrayList<>();
		for (int i = 0; properties.getProperty(FIRST + i) instanceof String name; i++) names.add(name);
		return names;
	}

	/** Symbolic names of bundles that are installed but started only by who needs them. */
	Set<String> onDemand() {
		return Set.of(properties.getProperty("xen.onDemand", "").split(","));
	}

	/** A location that Felix opens in place. */
	String location(String bundle) {
		return nested ? "nested:" + bundle : "reference:file:" + bundle;
	}

	/** The bundle's bytes, or null when its location says where they are. */
	InputStream open(String bundle) throws LaunchException {
		if (!nested) return null;
		InputStream in = Main.class.getResourceAsStream("/" + bundle);
		if (in == null) throw new LaunchException("the jar has no entry " + bundle);
		return in;
	}
}
