package xen.itest;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import xen.itest.policy.Activator;
import xen.itest.policy.Queue;

/** Makes the jar of the bundle {@code xen.itest.policy}. */
final class PolicyBundle {
	private PolicyBundle() {}

	static Path jar() {
		return TestBundle.jar("xen.itest.policy", Map.of("Bundle-Activator", "xen.itest.policy.Activator",
				"Import-Package", "org.osgi.framework,xen.kernel.api.sched,xen.kernel.api.domain,xen.kernel.api.hw"), List.of(Activator.class, Queue.class), Map.of());
	}
}
