package xen.shell.commands;

import java.util.BitSet;
import java.util.StringJoiner;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;

/** Sets of pCPUs as text: {@code 0-2,5}. */
final class CpuSet {
	private CpuSet() {}

	static BitSet parse(String text, int pcpus) {
		BitSet set = new BitSet();
		for (String range : text.split(",", -1)) {
			if (!range.matches("[0-9]{1,4}(-[0-9]{1,4})?")) throw refused(text, pcpus);
			String[] ends = range.split("-");
			int from = Integer.parseInt(ends[0]);
			int to = Integer.parseInt(ends[ends.length - 1]);
			if (to < from || to >= pcpus) throw refused(text, pcpus);
			set.set(from, to + 1);
		}
		return set;
	}

	private static CommandFailure refused(String text, int pcpus) {
		return new CommandFailure(CliCommand.USAGE, "'" + text + "': expected something like 0-2,5; the machine has pCPUs 0 to " + (pcpus - 1));
	}

	static String format(BitSet set) {
		StringJoiner s = new StringJoiner(",");
		for (int from = set.nextSetBit(0); from >= 0; ) {
			int to = set.nextClearBit(from) - 1;
			s.add(to == from ? "" + from : from + "-" + to);
			from = set.nextSetBit(to + 1);
		}
		return s.toString();
	}
}
