package xen.shell.commands;

import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.RunState;
import xen.kernel.api.domain.ShutdownReason;
import xen.kernel.api.domain.Vcpu;

/** xl's six letters for a domain's state: running, blocked, paused, shut down, crashed, dying. */
final class DomainState {
	private DomainState() {}

	static String letters(Domain d) {
		boolean running = false;
		boolean waits = true;
		for (Vcpu v : d.vcpus()) {
			running |= v.runState() == RunState.RUNNING;
			waits &= v.runState() == RunState.BLOCKED || v.runState() == RunState.OFFLINE;
		}
		boolean crashed = d.shutdownReason().filter(r -> r == ShutdownReason.CRASH || r == ShutdownReason.WATCHDOG).isPresent();
		return switch (d.state()) {
			case BUILDING, PAUSED -> "--p---";
			case SHUTDOWN -> crashed ? "---sc-" : "---s--";
			case DYING -> "-----d";
			case RUNNING -> running ? "r-----" : waits ? "-b----" : "------";
		};
	}
}
