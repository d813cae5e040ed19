package xen.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Counts tests, prints a failure when it happens and all of them again at the end, with the slowest tests. Called from JUnit's threads, one at a time. */
final class TestReport implements TestExecutionListener {
	private static final long SLOW_NANOS = 2_000_000_000L;

	private final String kind;
	private final long begun = System.nanoTime();
	private final Map<String, Long> started = new ConcurrentHashMap<>();
	private final List<String> failures = new ArrayList<>();
	private final List<String> slow = new ArrayList<>();
	private TestPlan plan;
	private TestCounts counts = TestCounts.ZERO;

	TestReport(String kind) {
		this.kind = kind;
	}

	@Override
	public void testPlanExecutionStarted(TestPlan plan) {
		this.plan = plan;
	}

	@Override
	public void executionStarted(TestIdentifier test) {
		started.put(test.getUniqueId(), System.nanoTime());
	}

	@Override
	public synchronized void executionSkipped(TestIdentifier test, String reason) {
		long tests = test.isTest() ? 1 : plan.countTestIdentifiers(t -> t.isTest() && below(t, test));
		skip(test, reason, Math.max(1, tests));
	}

	@Override
	public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
		long nanos = System.nanoTime() - started.getOrDefault(test.getUniqueId(), System.nanoTime());
		switch (result.getStatus()) {
			case SUCCESSFUL -> { if (test.isTest()) counts = counts.plus(new TestCounts(1, 0, 0)); }
			case ABORTED -> skip(test, result.getThrowable().map(Throwable::getMessage).orElse("aborted"), 1);
			case FAILED -> fail(test, result.getThrowable().orElse(null));
		}
		if (test.isTest() && nanos > SLOW_NANOS) slow.add("%6.1f s  %s".formatted(nanos / 1e9, name(test)));
	}

	synchronized TestCounts counts() {
		return counts;
	}

	synchronized List<String> summary() {
		List<String> lines = new ArrayList<>();
		if (!failures.isEmpty()) {
			lines.add("");
			lines.add("Failed:");
			lines.addAll(failures);
		}
		slow.forEach(s -> lines.add("slow " + s));
		lines.add("%s tests: %d in %.1f s".formatted(kind, counts.passed() + counts.failed(), (System.nanoTime() - begun) / 1e9));
		return lines;
	}

	private void skip(TestIdentifier test, String reason, long tests) {
		counts = counts.plus(new TestCounts(0, 0, tests));
		System.out.println("skipped " + name(test) + ": " + reason);
	}

	private void fail(TestIdentifier test, Throwable t) {
		counts = counts.plus(new TestCounts(0, 1, 0));
		failures.add("  " + name(test) + ": " + (t == null ? "" : String.valueOf(t).lines().findFirst().orElse("")));
		System.out.println("FAILED " + name(test));
		if (t != null) TestRunner.trimmed(t).forEach(l -> System.out.println("    " + l));
	}

	private boolean below(TestIdentifier test, TestIdentifier top) {
		for (var p = plan.getParent(test); p.isPresent(); p = plan.getParent(p.get()))
			if (p.get().equals(top)) return true;
		return false;
	}

	private static String name(TestIdentifier test) {
		String where = test.getSource().map(s -> switch (s) {
			case MethodSource m -> m.getClassName() + "." + m.getMethodName();
			case ClassSource c -> c.getClassName();
			default -> "";
		}).orElse("");
		if (where.isEmpty()) return test.getDisplayName();
		return where.endsWith(test.getDisplayName().replaceFirst("\\(.*$", "")) ? where : where + " [" + test.getDisplayName() + "]";
	}
}
