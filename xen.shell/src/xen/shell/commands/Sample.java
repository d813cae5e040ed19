package xen.shell.commands;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import xen.kernel.api.domain.Domain;
import xen.kernel.api.domain.Vcpu;
import xen.toolstack.api.ManagedDomain;

/** Counters of all domains at one moment; two of them make rates. */
record Sample(long hostNanos, long machineNanos, Map<Integer, Counts> domains) {
	record Counts(long cpuNanos, long exits, long hypercalls, long instructions) {
		static Counts of(Domain d) {
			long[] sums = new long[2];
			d.counters().forEach((name, n) -> {
				if (name.startsWith("exit.")) sums[0] += n;
				if (name.startsWith("hypercall.")) sums[1] += n;
			});
			return new Counts(d.vcpus().stream().mapToLong(Vcpu::cpuNanos).sum(), sums[0], sums[1],
					d.vcpus().stream().mapToLong(v -> v.context().retired()).sum());
		}

		Counts minus(Counts o) {
			return new Counts(cpuNanos - o.cpuNanos, exits - o.exits, hypercalls - o.hypercalls, instructions - o.instructions);
		}
	}

	static Sample of(List<ManagedDomain> all, long hostNanos, long machineNanos) {
		Map<Integer, Counts> counts = new LinkedHashMap<>();
		all.forEach(d -> counts.put(d.domid(), Counts.of(d.domain())));
		return new Sample(hostNanos, machineNanos, counts);
	}
}
