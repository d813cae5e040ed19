package xen.shell.commands;

import java.util.Locale;
import java.util.Map;
import org.apache.felix.service.command.Descriptor;
import xen.kernel.api.block.BlockControl;
import xen.kernel.api.block.ManagedVbd;
import xen.kernel.api.block.ServiceClass;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/** Virtual disks, their driver, and who orders requests. */
public final class BlockCommands {
	private final BlockControl control;

	BlockCommands(BlockControl control) { this.control = control; }

	@Descriptor("lists virtual disks: domain, number in the guest, image, weight, class, requests served")
	public String blockList() {
		StringBuilder s = new StringBuilder("   ID   Vdev Mode Weight Class         Reads   Writes Errors Image\n");
		for (ManagedVbd v : control.list()) {
			Map<String, Long> m = v.counters();
			s.append(String.format(Locale.ROOT, "%5d %6d  %s  %6d %-11s %7d %8d %6d %s%n", v.domid(), v.device(), v.readOnly() ? "ro" : "rw", v.config().weight(),
					v.config().serviceClass().name().toLowerCase(Locale.ROOT), m.get("read"), m.get("write") + m.get("barrier"), m.get("errors"), v.config().target()));
		}
		return s.toString();
	}

	@Descriptor("changes the weight and class of a virtual disk while it is in use")
	public void blockWeight(@Descriptor("DOMAIN number") int domid, @Descriptor("VDEV number, see block-list") int device, @Descriptor("WEIGHT, 256 is normal") int weight,
			@Descriptor("CLASS: interactive, throughput or realtime") String serviceClass) {
		ManagedVbd v = control.list().stream().filter(x -> x.domid() == domid && x.device() == device).findFirst()
				.orElseThrow(() -> new CommandFailure(CliCommand.USAGE, "domain " + domid + " has no disk " + device + "; see xen:block-list"));
		try {
			v.parameters(weight, ServiceClass.valueOf(serviceClass.toUpperCase(Locale.ROOT)));
		} catch (IllegalArgumentException e) {
			throw new CommandFailure(CliCommand.USAGE, "class '" + serviceClass + "': interactive, throughput or realtime are possible");
		}
	}

	@Descriptor("shows the block driver: state, failures, restarts, pauses of machine time")
	public String driverList() {
		StringBuilder s = new StringBuilder();
		control.driver().forEach((k, v) -> s.append(String.format("%-18s %s%n", k, v)));
		return s.toString();
	}

	@Descriptor("replaces the block driver's instance by a fresh one; guests see a pause")
	public String driverRestart() {
		control.restartDriver();
		return driverList();
	}

	@Descriptor("shows disks of the machine, the scheduler of each, and what they did")
	public String diskList() {
		StringBuilder s = new StringBuilder();
		Map<String, Map<String, Long>> counters = control.diskCounters();
		control.schedulers().forEach((disk, scheduler) -> s.append(disk).append("  ").append(scheduler).append("  ").append(counters.get(disk)).append('\n'));
		return s.toString();
	}

	@Descriptor("puts another scheduler in charge of all disks, under load")
	public String diskSched(@Descriptor("NAME: fifo, rr, cello, cello-bytes, clook, sfq or mclock") String name) {
		control.selectScheduler(null, name);
		return diskList();
	}
}
