package xen.shell.machine;

import java.io.IOException;
import java.util.Hashtable;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;

/** Switches the machine on when the shell needs it, as Config Admin says. Any thread. */
@Component(immediate = true, service = MachineSwitch.class, configurationPid = MachineSwitch.PID)
@Designate(ocd = MachineSettings.class)
public final class MachineSwitch {
	public static final String PID = "xen.machine";

	private final Hypervisor hypervisor;
	private final ConfigurationAdmin admin;
	private volatile MachineChoice choice;

	@Activate
	public MachineSwitch(@Reference Hypervisor hypervisor, @Reference ConfigurationAdmin admin, MachineSettings settings) {
		this(hypervisor, admin, MachineChoice.of(settings));
	}

	public MachineSwitch(Hypervisor hypervisor, ConfigurationAdmin admin, MachineChoice choice) {
		this.hypervisor = hypervisor;
		this.admin = admin;
		this.choice = choice;
	}

	@Modified
	void modified(MachineSettings settings) {
		choice = MachineChoice.of(settings);
	}

	public MachineChoice choice() {
		return choice;
	}

	/** Configures the next power-on; it counts at once, Config Admin's own call comes later. */
	public void choose(MachineChoice next) throws IOException {
		if (on()) {
			throw new CommandFailure(CliCommand.FAILED, "the machine is on and stays as it is; xen:machine off switches it off when its domains are gone");
		}
		choice = next;
		admin.getConfiguration(PID, "?").update(new Hashtable<>(next.asMap()));
	}

	public boolean on() {
		return hypervisor.config().isPresent();
	}

	/** Switches on unless it is on. */
	public synchronized void on(boolean terminal) {
		if (on()) return;
		MachineChoice c = choice;
		hypervisor.powerOn(c.config(terminal));
		if (c.engine().equals("auto")) return;
		try {
			hypervisor.selectEngine(c.engine());
		} catch (RuntimeException e) {
			hypervisor.powerOff();
			throw e;
		}
	}

	/** Switches off; refused while there are domains. */
	public synchronized void off() {
		if (!on()) return;
		int domains = hypervisor.domains().size();
		if (domains > 0) {
			throw new CommandFailure(CliCommand.FAILED, domains + (domains == 1 ? " domain is" : " domains are") + " there: xen:shutdown or xen:destroy first");
		}
		hypervisor.powerOff();
	}

	/** True when the user sits at a terminal. */
	public static boolean terminal() {
		return System.console() != null && System.console().isTerminal();
	}
}
