package xen.bench.lab;

/** One experiment of the laboratory. */
interface Experiment {
    String name();

    String summary();

    /** Runs it; the same seed gives the same report, except for figures that are said to be host time. */
    Report run(Bench bench, long seed) throws InterruptedException;

    /** Runs setups and tells how far the experiment is. */
    @FunctionalInterface
    interface Bench {
        /** @param what shown while it runs */
        Outcome run(String what, int done, int all, Setup s) throws InterruptedException;

        /** The same without a setup, for an experiment that runs things itself. */
        default void show(int done, int all, String what) { }
    }
}
