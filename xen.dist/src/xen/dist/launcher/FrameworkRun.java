package xen.dist.launcher;

import java.nio.file.Path;
import java.util.Hashtable;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/**
 * One life of the framework on the main thread: start, {@code launcher.arguments}, bundles, main program, stop.
 *
 * <p>A main program is a {@code Callable<Integer>} service with {@code main.thread=true}. Without one the process lives
 * until the framework is stopped or it is killed; either way bundles are stopped in order.
 */
final class FrameworkRun {
	private static final long STOP_MILLIS = 10_000;

	private final Distribution distribution;
	private final Path cache;
	private final String[] args;

	FrameworkRun(Distribution distribution, Path cache, String[] args) {
		this.distribution = distribution;
		this.cache = cache;
		this.args = args;
	}

	int run() throws Exception {
		Map<String, String> config = distribution.framework();
		config.put(Constants.FRAMEWORK_STORAGE, cache.toString());
		config.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
		config.putIfAbsent("felix.log.level", "1");
		Framework framework = ServiceLoader.load(FrameworkFactory.class, Main.class.getClassLoader()).findFirst()
				.orElseThrow(() -> new LaunchException("no OSGi framework on the class path")).newFramework(config);
		Timing.mark("framework found");
		framework.init();
		Thread stopper = new Thread(() -> stop(framework), "xen-stop");
		Runtime.getRuntime().addShutdownHook(stopper);
		framework.start();
		Timing.mark("framework started");
		Bundles bundles = announce(framework.getBundleContext());
		// without a command it is a server; a start that is measured is one of everything
		if (args.length == 0 || ReadyReport.wanted()) bundles.run();
		else bundles.first();
		if (mainProgram(framework) == null) bundles.run();
		Timing.mark("services active");
		boolean measured = ReadyReport.write();
		int status = measured && (args.length == 0 || mainProgram(framework) == null) ? 0 : main(framework);
		stop(framework);
		try {
			Runtime.getRuntime().removeShutdownHook(stopper);
		} catch (IllegalStateException e) {
			// a signal ends the JVM, the hook runs already
		}
		return status;
	}

	/** The launcher's service: the arguments; a {@code Runnable} that starts what is left; a {@code Consumer} that is told steps to time; {@code launcher.ready} says that nothing is. */
	private Bundles announce(BundleContext context) {
		var properties = new Hashtable<String, Object>();
		properties.put("launcher.arguments", args);
		AtomicReference<ServiceRegistration<Object>> service = new AtomicReference<>();
		Bundles bundles = new Bundles(context, distribution, () -> {
			properties.put("launcher.ready", "true");
			service.get().setProperties(properties);
		});
		service.set(context.registerService(Object.class, bundles, properties));
		return bundles;
	}

	private int main(Framework framework) throws Exception {
		ServiceReference<?> program = mainProgram(framework);
		if (program == null) {
			FrameworkEvent e = framework.waitForStop(0);
			return e.getType() == FrameworkEvent.ERROR ? 1 : 0;
		}
		Object service = framework.getBundleContext().getService(program);
		if (!(service instanceof Callable<?> callable)) throw new LaunchException("the main program is gone before it ran");
		// A user's `stop 0` in the shell ends the process too, whatever the program waits for.
		AtomicReference<Thread> caller = new AtomicReference<>(Thread.currentThread());
		Thread watch = Thread.ofPlatform().daemon().name("xen-stop-watch").start(() -> interruptAtStop(framework, caller));
		try {
			return callable.call() instanceof Integer status ? status : 0;
		} catch (InterruptedException e) {
			return framework.getState() == Bundle.ACTIVE ? 1 : 0;
		} finally {
			caller.set(null);
			watch.interrupt();
			Thread.interrupted();
		}
	}

	private static void interruptAtStop(Framework framework, AtomicReference<Thread> caller) {
		try {
			framework.waitForStop(0);
			Thread t = caller.get();
			if (t != null) t.interrupt();
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}

	private static ServiceReference<?> mainProgram(Framework framework) throws Exception {
		ServiceReference<?>[] found = framework.getBundleContext().getServiceReferences(Callable.class.getName(), "(main.thread=true)");
		return found == null ? null : found[0];
	}

	private static void stop(Framework framework) {
		try {
			framework.stop();
			framework.waitForStop(STOP_MILLIS);
		} catch (BundleException e) {
			System.err.println("xen: the framework does not stop: " + e.getMessage());
		} catch (InterruptedException e) {
			Thread.currentThread().interrupt();
		}
	}
}
