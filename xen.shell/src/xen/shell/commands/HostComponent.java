package xen.shell.commands;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.control.Hypervisor;
import xen.shell.machine.MachineSwitch;
import xen.toolstack.api.DomainManager;

/** {@link HostCommands} for Gogo. */
@Component(service = CommandGroup.class, property = {"osgi.command.scope=xen", "osgi.command.function=info", "osgi.command.function=dmesg", "osgi.command.function=machine",
		"osgi.command.function=top", "osgi.command.function=locks"})
public final class HostComponent extends CommandGroup {
	@Activate
	public HostComponent(@Reference Hypervisor hypervisor, @Reference DomainManager manager, @Reference MachineSwitch power) {
		super(new HostCommands(hypervisor, manager, power));
	}
}
