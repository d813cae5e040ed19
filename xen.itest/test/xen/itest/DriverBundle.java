package xen.itest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import xen.itest.hostile.Plain;

/** Makes jars of driver bundles, good ones and others. */
final class DriverBundle {
	private final String name, service;
	private final Map<String, String> headers = new HashMap<>();
	private final List<Class<?>> classes = new ArrayList<>(List.of(Plain.class));
	private String more = "";

	/** A driver bundle whose service is of that class. */
	DriverBundle(Class<?> driver) {
		name = "test." + driver.getSimpleName().toLowerCase(java.util.Locale.ROOT);
		headers.put("Provide-Capability", "xen.driver;xen.driver=block");
		headers.put("Import-Package", "xen.kernel.api.block");
		headers.put("Service-Component", "OSGI-INF/driver.xml");
		classes.add(driver);
		service = driver.getName();
	}

	/** Null takes it away. */
	DriverBundle header(String key, String value) {
		if (value == null) headers.remove(key);
		else headers.put(key, value);
		return this;
	}

	DriverBundle with(Class<?> c) {
		classes.add(c);
		return this;
	}

	/** More of the component's description. */
	DriverBundle component(String xml) {
		more = xml;
		return this;
	}

	String name() { return name; }

	String location() {
		String xml = "<scr:component xmlns:scr='http://www.osgi.org/xmlns/scr/v1.3.0' name='" + name + "'><property name='xen.driver.block' value='" + name + "'/>"
				+ "<service><provide interface='xen.kernel.api.block.BlockDriver'/></service>" + more + "<implementation class='" + service + "'/></scr:component>";
		return TestBundle.jar(name, headers, classes, Map.of("OSGI-INF/driver.xml", xml)).toUri().toString();
	}
}
