package xen.itest.policy;

import java.util.Dictionary;
import java.util.Hashtable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import xen.kernel.api.sched.Scheduler;

/** Registers {@link Queue} as the scheduler "queue". */
public final class Activator implements BundleActivator {
	@Override public void start(BundleContext context) {
		Dictionary<String, Object> properties = new Hashtable<>();
		properties.put("xen.scheduler", "queue");
		context.registerService(Scheduler.class, new Queue(), properties);
	}

	@Override public void stop(BundleContext context) {}
}
