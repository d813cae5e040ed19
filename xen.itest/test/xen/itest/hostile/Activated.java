package xen.itest.hostile;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Would have the framework. */
public final class Activated implements BundleActivator {
	@Override public void start(BundleContext context) { System.setProperty("xen.itest.activated", "was here"); }
	@Override public void stop(BundleContext context) {}
}
