package xen.bench.swap;

import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import xen.kernel.api.cli.CliCommand;
import xen.kernel.api.cli.CommandFailure;
import xen.kernel.api.control.Hypervisor;
import xen.kernel.api.control.HypervisorException;
import xen.kernel.api.sched.Scheduler;

/** A scheduler that throws, in every call of the SPI and with every kind of throwable: the core must report it and go on with its own. */
final class Faults {
	private static final String NAME = "faulty", BYPASS = "bypass";
	/** Java has three kinds; a plugin written in another language throws checked ones too. */
	static final List<Supplier<Throwable>> KINDS = List.of(() -> new IllegalStateException("on purpose"), () -> new AssertionError("on purpose"), () -> new Exception("on purpose"));
	private static final StackTraceElement[] NOWHERE = {};

	private final BundleContext context;
	private final Hypervisor hypervisor;
	private final CheckedGuest guest;

	Faults(BundleContext context, Hypervisor hypervisor, CheckedGuest guest) {
		this.context = context;
		this.hypervisor = hypervisor;
		this.guest = guest;
	}

	/** Throws in {@code call}; the guest must go on, with another scheduler at the end. */
	void run(FaultyScheduler.Call call, Throwable fault, String next) {
		FaultyScheduler faulty = new FaultyScheduler();
		// the core prints it: whence is no news
		fault.setStackTrace(NOWHERE);
		ServiceRegistration<Scheduler> service = context.registerService(Scheduler.class, faulty, new Hashtable<>(Map.of("xen.scheduler", NAME)));
		try {
			String expected = fall(call, fault, faulty);
			guest.await("throw in " + call, () -> faulty.thrown > 0);
			guest.await(expected + " in charge after a throw in " + call + " instead of " + hypervisor.scheduler(), () -> hypervisor.scheduler().equals(expected));
			if (faulty.thrown > 1) throw wrong(call, "it was called again after it had thrown");
			if (call != FaultyScheduler.Call.START && !hypervisor.dmesg().contains(fault.toString())) throw wrong(call, "the hypervisor's log does not tell " + fault);
			guest.awaitProgress();
		} finally {
			hypervisor.selectScheduler(next);
			service.unregister();
		}
		guest.awaitProgress();
	}

	/** @return who is in charge afterwards */
	private String fall(FaultyScheduler.Call call, Throwable fault, FaultyScheduler faulty) {
		String old = hypervisor.scheduler();
		if (call == FaultyScheduler.Call.START) {
			faulty.arm(call, fault);
			try {
				hypervisor.selectScheduler(NAME);
				throw wrong(call, "the swap should have been refused");
			} catch (HypervisorException e) {
				if (!e.getMessage().contains(fault.toString())) throw wrong(call, "the refusal does not tell " + fault);
				return old;
			}
		}
		hypervisor.selectScheduler(NAME);
		guest.awaitProgress();
		faulty.arm(call, fault);
		switch (call) {
			case SLEEP -> pauses(faulty);
			case CHANGED -> hypervisor.setWeight(guest.domid(), CheckedGuest.WEIGHT, 0);
			case STOP -> {
				hypervisor.selectScheduler(old);
				return old;
			}
			default -> { /* comes by itself under load */ }
		}
		return BYPASS;
	}

	/** Some vCPU waits for a pCPU nearly always; when the guest is paused it goes to sleep. */
	private void pauses(FaultyScheduler faulty) {
		for (int i = 0; i < 100 && faulty.thrown == 0; i++) {
			hypervisor.pause(guest.domid());
			hypervisor.unpause(guest.domid());
			if (faulty.thrown == 0) guest.awaitProgress();
		}
	}

	private static CommandFailure wrong(FaultyScheduler.Call call, String what) {
		return new CommandFailure(CliCommand.FAILED, "a scheduler that throws in " + call + ": " + what);
	}
}
