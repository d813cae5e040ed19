package xen.shell.commands;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.toolstack.api.XenStore;

/** {@link StoreCommands} for Gogo. */
@Component(service = CommandGroup.class, property = {"osgi.command.scope=xen", "osgi.command.function=store-ls", "osgi.command.function=store-read",
		"osgi.command.function=store-write", "osgi.command.function=store-rm"})
public final class StoreComponent extends CommandGroup {
	@Activate
	public StoreComponent(@Reference XenStore store) {
		super(new StoreCommands(store));
	}
}
