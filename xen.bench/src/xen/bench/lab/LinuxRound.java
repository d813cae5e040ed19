package xen.bench.lab;

/**
 * A round of work in real guests.
 *
 * @param load "locks" or "compute"
 * @param guests how many work at once
 */
record LinuxRound(String scheduler, String load, int guests) {
    /**
     * What a round gave.
     *
     * @param operations of each guest
     * @param nanos from the word to the last guest's answer: all pCPUs are busy for nearly all of it
     * @param ran nanoseconds that vCPUs ran in the round's time
     * @param stolen nanoseconds that they waited for a pCPU
     * @param spin percent of their running time in which they waited for a spin lock
     */
    record Result(LinuxRound round, long[] operations, long nanos, long ran, long stolen, double spin) {
        double throughput() {
            return java.util.Arrays.stream(operations).sum() * 1e9 / nanos;
        }

        double jain() {
            double sum = 0;
            double squares = 0;
            for (long o : operations) {
                sum += o;
                squares += (double) o * o;
            }
            return squares == 0 ? 1 : sum * sum / (operations.length * squares);
        }
    }
}
