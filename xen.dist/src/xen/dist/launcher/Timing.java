package xen.dist.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a start's time goes, on standard error when {@code XEN_TIMING} is set: since the process began (to 10 ms, as /proc has it), CPU time of the
 * process, CPU time of the calling thread and the time that it was ready and other work had the cores. Bundles go on with it through the launcher's service.
 * Plain reading and joining: it must not cost what it measures.
 */
final class Timing {
	private static final boolean WANTED = System.getenv("XEN_TIMING") != null;
	/** Linux's clock ticks, of which times in /proc are multiples. */
	private static final int TICK_MILLIS = 10;
	/** Fields of /proc/self/stat behind the name: user time, system time, start since boot. */
	private static final int USER = 11, SYSTEM = 12, START = 19;
	private static final long BEGIN = WANTED ? System.nanoTime() - sinceStart() * 1_000_000 : 0;

	private Timing() {}

	/** {@code what} has just been done. */
	static void mark(String what) {
		if (!WANTED) return;
		long wall = (System.nanoTime() - BEGIN) / 1_000_000;
		System.err.println("xen: " + column(wall, 6) + " ms, CPU " + column((stat(USER) + stat(SYSTEM)) * TICK_MILLIS, 6) + " ms, this thread " + column(schedule(0), 6)
				+ " ms, kept from a core " + column(schedule(1), 6) + " ms: " + what);
	}

	private static String column(long n, int width) {
		String s = Long.toString(n);
		return " ".repeat(Math.max(0, width - s.length())) + s;
	}

	/** Milliseconds from the process's start until now, by the clock that counts from the host's boot: the wall clock may be set, and the boot's time is known to a second only. */
	private static long sinceStart() {
		String up = read("/proc/uptime");
		return up.isEmpty() ? 0 : Long.parseLong(up.substring(0, up.indexOf(' ')).replace(".", "")) * TICK_MILLIS - stat(START) * TICK_MILLIS;
	}

	private static long stat(int field) {
		String s = read("/proc/self/stat");
		return s.isEmpty() ? 0 : Long.parseLong(s.substring(s.lastIndexOf(')') + 2).split(" ")[field]);
	}

	/** Milliseconds of the calling thread: field 0, it ran; field 1, it could have run and no core was free. */
	private static long schedule(int field) {
		String s = read("/proc/thread-self/schedstat");
		return s.isEmpty() ? 0 : Long.parseLong(s.split(" ")[field]) / 1_000_000;
	}

	/** Empty where there is no such file. */
	private static String read(String file) {
		try {
			return Files.readString(Path.of(file));
		} catch (IOException e) {
			return "";
		}
	}
}
