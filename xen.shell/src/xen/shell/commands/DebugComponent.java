package xen.shell.commands;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.Tracer;

/** {@link DebugCommands} for Gogo. */
@Component(service = CommandGroup.class, property = {"osgi.command.scope=xen", "osgi.command.function=trace", "osgi.command.function=symbol", "osgi.command.function=counters"})
public final class DebugComponent extends CommandGroup {
	@Activate
	public DebugComponent(@Reference Tracer tracer, @Reference DomainManager manager) {
		super(new DebugCommands(tracer, manager));
	}
}
