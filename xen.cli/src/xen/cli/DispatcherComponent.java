package xen.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import xen.kernel.api.cli.CliIo;
import xen.kernel.api.cli.Startup;

/** The main program of a distribution: exists once the launcher has told the arguments; our launcher's service also starts the bundles that are left. */
@Component(service = Callable.class, property = "main.thread:Boolean=true")
public final class DispatcherComponent implements Callable<Integer> {
	private final Dispatcher dispatcher;
	private final String[] args;

	@Activate
	public DispatcherComponent(BundleContext context, @Reference ServiceComponentRuntime runtime,
			@Reference(service = Object.class, target = "(launcher.arguments=*)") Map.Entry<Map<String, Object>, Object> launcher) {
		dispatcher = new Dispatcher(new Commands(context, runtime), standardStreams(), System.getenv("XEN_TRACE") != null,
				launcher.getValue() instanceof Runnable r ? new Rest(r) : Startup.WHOLE);
		args = (String[]) launcher.getKey().get("launcher.arguments");
	}

	/** Our launcher's service. */
	private record Rest(Runnable launcher) implements Startup {
		@Override
		public void complete() { launcher.run(); }

		@Override
		@SuppressWarnings("unchecked")
		public void mark(String step) {
			if (launcher instanceof Consumer<?> c) ((Consumer<String>) c).accept(step);
		}
	}

	/** The process's own: Gogo puts streams in {@link System} that lead back to the session they are used in. */
	private static CliIo standardStreams() {
		return new CliIo(new FileInputStream(FileDescriptor.in), printStream(FileDescriptor.out), printStream(FileDescriptor.err));
	}

	private static PrintStream printStream(FileDescriptor fd) {
		return new PrintStream(new BufferedOutputStream(new FileOutputStream(fd), 8192), true);
	}

	@Override
	public Integer call() throws InterruptedException {
		return dispatcher.run(args);
	}
}
