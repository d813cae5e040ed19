package xen.itest.policy;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;

/** One queue for all pCPUs, first in first out, slices of a millisecond; the smallest policy that works. */
public final class Queue implements Scheduler {
	private static final long SLICE = 1_000_000;

	private final ArrayDeque<Vcpu> waiting = new ArrayDeque<>();
	private SchedulerHost host;

	@Override public void start(SchedulerHost host, Collection<? extends Vcpu> runnable) {
		this.host = host;
		waiting.clear();
		waiting.addAll(runnable);
	}

	@Override public void wake(Vcpu vcpu) {
		waiting.add(vcpu);
		for (int p : host.pcpus()) if (host.idle(p)) host.kick(p);
	}

	@Override public void sleep(Vcpu vcpu) {
		waiting.remove(vcpu);
	}

	@Override public Vcpu pick(int pcpu, long nowNanos) {
		for (Iterator<Vcpu> i = waiting.iterator(); i.hasNext();) {
			Vcpu v = i.next();
			if (v.mayRunOn(pcpu)) {
				i.remove();
				return v;
			}
		}
		return null;
	}

	@Override public long slice(Vcpu vcpu, int pcpu) {
		return SLICE;
	}

	@Override public void put(Vcpu vcpu, int pcpu, long ranNanos, boolean stillRunnable, boolean yielded) {
		if (stillRunnable) waiting.add(vcpu);
	}

	@Override public void changed(Vcpu vcpu) {}

	@Override public void stop() {
		waiting.clear();
	}
}
