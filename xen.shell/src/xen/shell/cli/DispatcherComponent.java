package xen.shell.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.Callable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import xen.kernel.api.cli.CliIo;

/** The main program of a distribution: exists once the launcher has started all bundles and told the arguments. */
@Component(service = Callable.class, property = "main.thread:Boolean=true")
public final class DispatcherComponent implements Callable<Integer> {
	private final Dispatcher dispatcher;
	private final String[] args;

	@Activate
	public DispatcherComponent(BundleContext context, @Reference ServiceComponentRuntime runtime,
			@Reference(service = Object.class, target = "(launcher.arguments=*)") Map<String, Object> launcher) {
		dispatcher = new Dispatcher(new Commands(context, runtime), standardStreams(), System.getenv("XEN_TRACE") != null);
		args = (String[]) launcher.get("launcher.arguments");
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
