package xen.shell.commands;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** {@link HelpCommands} for Gogo. */
@Component(service = CommandGroup.class, property = {"osgi.command.scope=xen", "osgi.command.function=help"})
public final class HelpComponent extends CommandGroup {
	@Activate
	public HelpComponent(BundleContext context) {
		super(new HelpCommands(() -> Services.commands(context)));
	}
}
