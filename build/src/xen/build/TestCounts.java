package xen.build;

/** How many tests passed, failed and were skipped. */
record TestCounts(long passed, long failed, long skipped) {
	static final TestCounts ZERO = new TestCounts(0, 0, 0);

	static TestCounts parse(String line) {
		String[] part = line.split(" ");
		return new TestCounts(Long.parseLong(part[0]), Long.parseLong(part[1]), Long.parseLong(part[2]));
	}

	TestCounts plus(TestCounts o) {
		return new TestCounts(passed + o.passed, failed + o.failed, skipped + o.skipped);
	}

	boolean none() {
		return passed + failed + skipped == 0;
	}

	String encoded() {
		return passed + " " + failed + " " + skipped;
	}

	/** The closing line of a run. */
	String line() {
		return passed + " passed, " + failed + " failed" + (skipped > 0 ? ", " + skipped + " skipped" : "");
	}
}
