package xen.shell.commands;

import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.MetaTypeService;
import xen.kernel.api.control.Hypervisor;
import xen.toolstack.api.DomainManager;

/** {@link SchedCommands} for Gogo. */
@Component(service = CommandGroup.class, property = {"osgi.command.scope=xen", "osgi.command.function=vcpu-list", "osgi.command.function=vcpu-pin", "osgi.command.function=vcpu-set",
		"osgi.command.function=sched", "osgi.command.function=schedulers", "osgi.command.function=sched-config", "osgi.command.function=swap"})
public final class SchedComponent extends CommandGroup {
	@Activate
	public SchedComponent(BundleContext context, @Reference Hypervisor hypervisor, @Reference DomainManager manager, @Reference ConfigurationAdmin admin, @Reference MetaTypeService types) {
		super(new SchedCommands(hypervisor, manager, () -> Services.schedulers(context), new ConfiguredPolicies(context, admin, types)));
	}
}
