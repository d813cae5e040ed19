package xen.shell.cli;

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
		dispatcher = new Dispatcher(new Commands(context, runtime), new CliIo(System.in, System.out, System.err), System.getenv("XEN_TRACE") != null);
		args = (String[]) launcher.get("launcher.arguments");
	}

	@Override
	public Integer call() throws InterruptedException {
		return dispatcher.run(args);
	}
}
