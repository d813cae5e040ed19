package xen.kernel.core;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Named event counts of a domain; a hot caller keeps the {@link Counter} it got and adds to it. */
public final class Counters {
    private final Map<String, Counter> byName = new ConcurrentHashMap<>();

    public Counter of(String name) { return byName.computeIfAbsent(name, n -> new Counter()); }

    public void add(String name) { of(name).value++; }

    public Map<String, Long> snapshot() {
        Map<String, Long> m = new TreeMap<>();
        byName.forEach((n, c) -> m.put(n, c.value));
        return m;
    }

    /** One count; written by one thread at a time (under the core's lock), read by any. */
    public static final class Counter {
        public long value;
    }
}
