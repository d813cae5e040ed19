package xen.kernel.api.cli;

/** The start of the process and its distribution, as an {@link EarlyCommand} sees it. */
@FunctionalInterface
public interface Startup {
	/** There is nothing left to start. */
	Startup WHOLE = () -> {};

	/** Returns when every bundle of the distribution is started; at once when they are. From any thread, without a lock held. */
	void complete();

	/** {@code step} has just been done, on this thread: for those who want to know where a start's time goes (XEN_TIMING). */
	default void mark(String step) {}
}
