package xen.shell.commands;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.shell.machine.MachineSwitch;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.Snapshots;

/** {@link SnapshotCommands} for Gogo. */
@Component(service = CommandGroup.class, property = {"osgi.command.scope=xen", "osgi.command.function=save", "osgi.command.function=restore"})
public final class SnapshotComponent extends CommandGroup {
	@Activate
	public SnapshotComponent(@Reference Snapshots snapshots, @Reference DomainManager manager, @Reference MachineSwitch power) {
		super(new SnapshotCommands(snapshots, manager, power));
	}
}
