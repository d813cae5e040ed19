package xen.shell.commands;

import java.util.BitSet;
import java.util.stream.Collectors;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.CpuPools;
import xen.kernel.api.control.CpuPools.CpuPool;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.hw.Topology;

/** CPU pools and their pCPUs as the user names them. */
record Pools(Hypervisor hypervisor) {
	private static final String NODE = "node:";

	CpuPools all() {
		return hypervisor.cpuPools();
	}

	CpuPool need(String nameOrId) {
		return all().find(nameOrId).orElseThrow(() -> new CommandFailure(CliCommand.FAILED, "there is no CPU pool '" + nameOrId + "': there are "
				+ all().list().stream().map(CpuPool::name).collect(Collectors.joining(", ")) + "; xen:cpupool-create makes one"));
	}

	Topology topology() {
		return hypervisor.config().orElseThrow(() -> new IllegalStateException("the machine is off")).topology();
	}

	/** {@code 0-2,5}, {@code all}, or {@code node:N} for the pCPUs of a socket. */
	BitSet cpus(String text) {
		Topology t = topology();
		if (text.equals("all")) {
			BitSet b = new BitSet();
			b.set(0, t.pcpus());
			return b;
		}
		if (!text.startsWith(NODE)) return CpuSet.parse(text, t.pcpus());
		String number = text.substring(NODE.length());
		if (!number.matches("[0-9]{1,4}") || Integer.parseInt(number) >= t.sockets()) {
			throw new CommandFailure(CliCommand.USAGE, "'" + text + "': the machine has nodes 0 to " + (t.sockets() - 1));
		}
		return node(Integer.parseInt(number));
	}

	BitSet node(int n) {
		Topology t = topology();
		BitSet b = new BitSet();
		b.set(n * t.cores() * t.threads(), (n + 1) * t.cores() * t.threads());
		return b;
	}
}
