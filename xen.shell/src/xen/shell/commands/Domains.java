package xen.shell.commands;

import java.util.List;
import java.util.stream.Collectors;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.toolstack.api.DomainManager;
import xen.toolstack.api.ManagedDomain;

/** Domains as the user names them: by name or number. */
record Domains(DomainManager manager) {
	ManagedDomain need(String nameOrId) {
		return manager.find(nameOrId).orElseThrow(() -> new CommandFailure(CliCommand.FAILED, "there is no domain '" + nameOrId + "': " + there()));
	}

	/** Those named, or all when none is. */
	List<ManagedDomain> needAll(String[] namesOrIds) {
		if (namesOrIds.length == 0) return manager.list();
		return java.util.Arrays.stream(namesOrIds).map(this::need).toList();
	}

	private String there() {
		List<ManagedDomain> all = manager.list();
		return all.isEmpty() ? "none is running; xen:create FILE.cfg makes one"
				: all.stream().map(d -> d.spec().name() + " (" + d.domid() + ")").collect(Collectors.joining(", ", "there are ", ""));
	}
}
