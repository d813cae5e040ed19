package xen.bench.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * CPU time in nanoseconds, from Linux's CPU clocks: what a busy neighbour on the same host disturbs least. Any thread.
 */
public final class CpuClock {
	private static final int THREAD = 3;
	private static final MethodHandle CLOCK_GETTIME = Linker.nativeLinker().downcallHandle(Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
			FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

	private CpuClock() {}

	/** Of the calling thread. */
	public static long thread() { return read(THREAD); }

	/** Of all threads of a process, live and ended; 0 when there is no such process. */
	public static long process(long pid) {
		// clock of process p: ~p << 3 | CPUCLOCK_SCHED (clock_getcpuclockid(3))
		return read((int) (~pid << 3 | 2));
	}

	private static long read(int clock) {
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment time = arena.allocate(16, 8);
			int status = (int) CLOCK_GETTIME.invokeExact(clock, time);
			return status == 0 ? time.get(JAVA_LONG, 0) * 1_000_000_000 + time.get(JAVA_LONG, 8) : 0;
		} catch (Throwable t) {
			throw new AssertionError("clock_gettime does not throw", t);
		}
	}
}
