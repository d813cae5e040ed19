package xen.kernel.api.hw;

/** Sockets x cores a socket x threads a core; pCPU n is thread n % threads of core (n / threads) % cores of socket n / (threads * cores). */
public record Topology(int sockets, int cores, int threads) {
    public static final int MAX_PCPUS = 1024;

    public Topology {
        if (sockets < 1 || cores < 1 || threads < 1 || (long) sockets * cores * threads > MAX_PCPUS) {
            throw new IllegalArgumentException("topology " + sockets + "x" + cores + "x" + threads
                    + ": sockets, cores and threads must be positive and at most " + MAX_PCPUS + " CPUs together");
        }
    }

    /** Distances: the same pCPU, a thread of the same core, another core behind the same last-level cache, another socket. */
    public static final int SAME = 0, SIBLING = 1, SOCKET = 2, REMOTE = 3;

    /** How far apart two pCPUs are, as caches see it. */
    public int distance(int a, int b) {
        return a == b ? SAME : coreOf(a) == coreOf(b) ? SIBLING : socketOf(a) == socketOf(b) ? SOCKET : REMOTE;
    }

    public int pcpus() { return sockets * cores * threads; }
    public int socketOf(int pcpu) { return pcpu / (threads * cores); }
    public int coreOf(int pcpu) { return pcpu / threads; }

    /** Parses {@code SxCxT}. */
    public static Topology parse(String text) {
        String[] part = text.split("x", -1);
        try {
            if (part.length == 3) {
                return new Topology(Integer.parseInt(part[0]), Integer.parseInt(part[1]), Integer.parseInt(part[2]));
            }
        } catch (NumberFormatException e) {
            // falls through to the message below, which names the input
        }
        throw new IllegalArgumentException("topology '" + text + "': expected SOCKETSxCORESxTHREADS, for example 1x2x2");
    }

    @Override public String toString() { return sockets + "x" + cores + "x" + threads; }
}
