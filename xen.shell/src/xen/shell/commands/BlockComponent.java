package xen.shell.commands;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.block.BlockControl;
import xen.toolstack.api.DomainManager;

/** {@link BlockCommands} for Gogo. */
@Component(service = CommandGroup.class, property = {"osgi.command.scope=xen", "osgi.command.function=block-list", "osgi.command.function=block-attach",
		"osgi.command.function=block-detach", "osgi.command.function=block-refresh", "osgi.command.function=block-weight", "osgi.command.function=driver-list",
		"osgi.command.function=driver-restart", "osgi.command.function=driver-fault", "osgi.command.function=disk-list", "osgi.command.function=disk-sched"})
public final class BlockComponent extends CommandGroup {
	@Activate
	public BlockComponent(@Reference BlockControl control, @Reference DomainManager manager) {
		super(new BlockCommands(control, manager));
	}
}
