package xen.bench.lab;

import java.util.List;
import java.util.Map;

/**
 * What a run gave.
 *
 * @param domains with their counters, in the order of the setup
 * @param figures of the core and the scheduler, for the whole run
 * @param trace or null
 * @param pauses host nanoseconds of each swap
 */
record Outcome(Setup setup, List<Tally> domains, Map<String, Long> figures, Trace trace, double wallSeconds, Samples pauses) {
    /** One domain's counts over the measured time; {@code latencies} of wake-ups in nanoseconds, {@code least} operations of a vCPU. */
    record Tally(String name, int vcpus, int weight, long ran, long operations, long spun, Samples latencies, long least) {}

    /** Operations of the vCPU that did least. */
    long least() { return domains.stream().mapToLong(Tally::least).min().orElse(0); }

    long operations() { return domains.stream().mapToLong(Tally::operations).sum(); }

    long spun() { return domains.stream().mapToLong(Tally::spun).sum(); }

    long ran() { return domains.stream().mapToLong(Tally::ran).sum(); }

    long figure(String name) { return figures.getOrDefault(name, 0L); }

    Samples latencies() {
        Samples all = new Samples();
        domains.forEach(d -> all.addAll(d.latencies()));
        return all;
    }

    /** Operations a second of virtual time. */
    double throughput() { return operations() * 1e9 / setup.measured(); }

    /** Jain's index (sum x)^2 / (n sum x^2) of CPU time per weight of the domains whose names begin with {@code prefix}; 1 = fair. */
    double jain(String prefix) {
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (Tally t : domains) {
            if (t.name().startsWith(prefix)) {
                double x = (double) t.ran() / t.weight();
                sum += x;
                squares += x * x;
                n++;
            }
        }
        return squares == 0 ? 1 : sum * sum / (n * squares);
    }

    /** Mean over the domains of |share - due share| / due share, where all CPU time that was used is due by weight; percent. */
    double shareError() {
        double weights = domains.stream().mapToLong(t -> (long) t.weight() * t.vcpus()).sum();
        double total = ran();
        return 100 * domains.stream().mapToDouble(t -> {
            double due = total * t.weight() * t.vcpus() / weights;
            return Math.abs(t.ran() - due) / due;
        }).average().orElse(0);
    }
}
