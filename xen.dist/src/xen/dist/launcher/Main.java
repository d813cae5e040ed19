package xen.dist.launcher;

/** Starts the distribution named by {@code -Dxen.distribution=FILE}, else the one nested in this jar; exits with its status. */
public final class Main {
	private Main() {}

	public static void main(String[] args) throws Exception {
		Timing.mark("JVM started");
		FrameworkStorage cache = FrameworkStorage.create();
		Runtime.getRuntime().addShutdownHook(new Thread(cache::delete, "xen-cache-cleaner"));
		int status;
		try {
			status = new FrameworkRun(Distribution.load(), cache.folder(), args).run();
		} catch (LaunchException e) {
			System.err.println("xen: " + e.getMessage());
			status = 1;
		}
		System.out.flush();
		System.exit(status);
	}
}
