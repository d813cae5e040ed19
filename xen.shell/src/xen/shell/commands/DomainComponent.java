package xen.shell.commands;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.control.Hypervisor;
import xen.shell.machine.MachineSwitch;
import xen.toolstack.api.DomainManager;

/** {@link DomainCommands} for Gogo. */
@Component(service = CommandGroup.class, property = {"osgi.command.scope=xen", "osgi.command.function=list", "osgi.command.function=create", "osgi.command.function=pause",
		"osgi.command.function=unpause", "osgi.command.function=shutdown", "osgi.command.function=reboot",
		"osgi.command.function=destroy", "osgi.command.function=rename", "osgi.command.function=uptime"})
public final class DomainComponent extends CommandGroup {
	@Activate
	public DomainComponent(@Reference Hypervisor hypervisor, @Reference DomainManager manager, @Reference MachineSwitch power) {
		super(new DomainCommands(hypervisor, manager, power));
	}
}
