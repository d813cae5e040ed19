package xen.shell.commands;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.DomainManager;

/** {@link PoolCommands} for Gogo. */
@Component(service = CommandGroup.class, property = {"osgi.command.scope=xen", "osgi.command.function=cpupool-list", "osgi.command.function=cpupool-create",
		"osgi.command.function=cpupool-destroy", "osgi.command.function=cpupool-rename", "osgi.command.function=cpupool-cpu-add", "osgi.command.function=cpupool-cpu-remove",
		"osgi.command.function=cpupool-migrate", "osgi.command.function=cpupool-numa-split"})
public final class PoolComponent extends CommandGroup {
	@Activate
	public PoolComponent(@Reference Hypervisor hypervisor, @Reference DomainManager manager) {
		super(new PoolCommands(hypervisor, manager));
	}
}
