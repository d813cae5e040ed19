package xen.itest;

import java.util.Optional;
import java.util.function.Supplier;
import org.junit.AssumptionViolatedException;
import org.junit.runner.Description;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunNotifier;
import org.junit.runners.model.InitializationError;
import org.ops4j.pax.exam.junit.PaxExam;

/** Pax Exam that skips each test of a class by name, with the reason, where the guest that the class needs cannot be had. An assumption inside the container would count as a pass. */
public abstract class ExamOrSkip extends PaxExam {
	/** For classes that boot a guest of the folder guests. */
	public static final class SmallGuest extends ExamOrSkip {
		public SmallGuest(Class<?> test) throws InitializationError {
			super(test, Guests::missing);
		}
	}

	/** For classes that boot Debian's cloud kernel. */
	public static final class DebianGuest extends ExamOrSkip {
		public DebianGuest(Class<?> test) throws InitializationError {
			super(test, () -> Debian.missing("cloud"));
		}
	}

	private final Supplier<Optional<String>> missing;

	private ExamOrSkip(Class<?> test, Supplier<Optional<String>> missing) throws InitializationError {
		super(test);
		this.missing = missing;
	}

	@Override
	public void run(RunNotifier notifier) {
		Optional<String> why = missing.get();
		if (why.isEmpty()) super.run(notifier);
		else skip(getDescription(), why.get(), notifier);
	}

	private static void skip(Description d, String why, RunNotifier notifier) {
		d.getChildren().forEach(c -> skip(c, why, notifier));
		if (!d.isTest()) return;
		notifier.fireTestStarted(d);
		notifier.fireTestAssumptionFailed(new Failure(d, new AssumptionViolatedException(why)));
		notifier.fireTestFinished(d);
	}
}
