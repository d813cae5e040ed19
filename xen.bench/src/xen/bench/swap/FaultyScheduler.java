package xen.bench.swap;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import xen.kernel.api.domain.Vcpu;
import xen.kernel.api.sched.Scheduler;
import xen.kernel.api.sched.SchedulerHost;

/** One queue, first in, first out, until it is told to throw in one of its calls. Under the pool's lock, except {@link #arm}. */
final class FaultyScheduler implements Scheduler {
	/** Calls of the SPI. */
	enum Call { START, WAKE, SLEEP, PICK, SLICE, PUT, CHANGED, STOP }

	private static final long SLICE = 3_000_000;

	private final ArrayDeque<Vcpu> queue = new ArrayDeque<>();
	private SchedulerHost host;
	private volatile Call armed;
	private volatile Throwable fault;
	/** Times that it has thrown. */
	volatile int thrown;

	/** From now on that call throws. */
	void arm(Call call, Throwable t) {
		fault = t;
		thrown = 0;
		armed = call;
	}

	private void at(Call call) {
		if (call == armed) {
			thrown++;
			throw FaultyScheduler.<RuntimeException>unchecked(fault);
		}
	}

	/** The compiler takes any throwable for a RuntimeException. */
	@SuppressWarnings("unchecked")
	private static <T extends Throwable> T unchecked(Throwable t) throws T { throw (T) t; }

	@Override
	public void start(SchedulerHost h, Collection<? extends Vcpu> runnable) {
		at(Call.START);
		host = h;
		queue.clear();
		queue.addAll(runnable);
	}

	@Override
	public void wake(Vcpu v) {
		at(Call.WAKE);
		queue.add(v);
		for (int p : host.pcpus()) if (host.idle(p) && v.mayRunOn(p)) host.kick(p);
	}

	@Override
	public void sleep(Vcpu v) {
		at(Call.SLEEP);
		queue.remove(v);
	}

	@Override
	public Vcpu pick(int pcpu, long now) {
		at(Call.PICK);
		for (Iterator<Vcpu> i = queue.iterator(); i.hasNext();) {
			Vcpu v = i.next();
			if (v.mayRunOn(pcpu)) {
				i.remove();
				return v;
			}
		}
		return null;
	}

	@Override
	public long slice(Vcpu v, int pcpu) {
		at(Call.SLICE);
		return SLICE;
	}

	@Override
	public void put(Vcpu v, int pcpu, long ran, boolean runnable, boolean yielded) {
		at(Call.PUT);
		if (runnable) {
			queue.add(v);
			for (int p : host.pcpus()) if (p != pcpu && host.idle(p) && v.mayRunOn(p)) host.kick(p);
		}
	}

	@Override
	public void changed(Vcpu v) { at(Call.CHANGED); }

	@Override
	public void stop() {
		at(Call.STOP);
		queue.clear();
	}
}
