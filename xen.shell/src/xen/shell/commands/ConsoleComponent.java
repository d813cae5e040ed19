package xen.shell.commands;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import xen.toolstack.api.DomainManager;

/** {@link ConsoleCommands} for Gogo; it lives on between commands, because it remembers how far scripts have read. */
@Component(service = CommandGroup.class, immediate = true, property = {"osgi.command.scope=xen", "osgi.command.function=console", "osgi.command.function=await", "osgi.command.function=send"})
public final class ConsoleComponent extends CommandGroup {
	@Activate
	public ConsoleComponent(@Reference DomainManager manager) {
		super(new ConsoleCommands(manager));
	}

	@Deactivate
	void deactivate() throws Exception {
		((ConsoleCommands) commands()).close();
	}
}
