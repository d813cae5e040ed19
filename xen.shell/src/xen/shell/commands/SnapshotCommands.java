package xen.shell.commands;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.shell.machine.MachineSwitch;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ManagedDomain;
import xen.toolstack.api.SavedDomain;
import xen.toolstack.api.Snapshots;

/** Domains to files and out of them. */
public final class SnapshotCommands {
	private final Snapshots snapshots;
	private final DomainManager manager;
	private final MachineSwitch power;
	private final Domains domains;

	SnapshotCommands(Snapshots snapshots, DomainManager manager, MachineSwitch power) {
		this.snapshots = snapshots;
		this.manager = manager;
		this.power = power;
		domains = new Domains(manager);
	}

	@Descriptor("saves a domain to a file when it is idle (at most 10 s later), and destroys it unless it is kept")
	public String save(
			@Descriptor("let it go on") @Parameter(names = {"-k", "--keep"}, presentValue = "true", absentValue = "false") boolean keep,
			@Descriptor("at once, busy or not: such a file can only be restored where the domain's frames are free") @Parameter(names = {"-n", "--now"}, presentValue = "true", absentValue = "false") boolean now,
			@Descriptor("DOMAIN: name or number") String domain, @Descriptor("FILE: where to") String file) throws InterruptedException {
		ManagedDomain d = domains.need(domain);
		if (d.ended().isDone()) throw new CommandFailure(CliCommand.FAILED, domain + " has ended already: xen:destroy " + domain + " removes it");
		if (d.domain().state() == xen.kernel.api.domain.DomainState.PAUSED && !now && !keep) now = true;
		try {
			SavedDomain s = snapshots.save(d, Path.of(file), now ? Snapshots.Moment.NOW : Snapshots.Moment.SETTLED, keep).get();
			if (!keep) manager.destroy(d);
			return "saved " + s + "\n";
		} catch (ExecutionException | CompletionException e) {
			if (e.getCause() instanceof CommandFailure f) throw f;
			throw new CommandFailure(CliCommand.FAILED, file + ": not saved: " + e.getCause());
		}
	}

	@Descriptor("makes a domain of a saved one; a file that was saved idle can be restored several times, under different names")
	public String restore(
			@Descriptor("leave it paused") @Parameter(names = {"-p", "--paused"}, presentValue = "true", absentValue = "false") boolean paused,
			@Descriptor("also when a disk is not what it was") @Parameter(names = "--changed-disks", presentValue = "true", absentValue = "false") boolean changedDisks,
			@Descriptor("NAME: another name than it had") @Parameter(names = {"-N", "--name"}, absentValue = "") String name,
			@Descriptor("FILE: what xen:save or ./xen save wrote") String file) {
		Path path = Path.of(file);
		snapshots.read(path);
		power.on(MachineSwitch.terminal());
		long begin = System.nanoTime();
		ManagedDomain d = snapshots.restore(path, name.isEmpty() ? null : name, paused, changedDisks);
		return String.format(Locale.ROOT, "%s is domain %d, restored in %d ms%n", d.spec().name(), d.domid(), (System.nanoTime() - begin) / 1_000_000);
	}
}
