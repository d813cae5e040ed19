package xen.sched.gang;

import java.util.ArrayList;
import java.util.List;

/** vCPUs that run at the same time, or a vCPU alone. Only known while one of them is. */
final class Gang implements Comparable<Gang> {
    final Object key;
    final int number;
    final List<Entry> members = new ArrayList<>(4);
    /** Time that its members ran, by weight, over the number of members: who has least is due. */
    long time;

    Gang(Object key, int number) {
        this.key = key;
        this.number = number;
    }

    @Override public int compareTo(Gang o) { return time != o.time ? Long.compare(time, o.time) : Integer.compare(number, o.number); }

    int ready() {
        int n = 0;
        for (Entry e : members) {
            n += e.ready() ? 1 : 0;
        }
        return n;
    }

    /** Progress of the member that is most behind among those that could run. */
    long slowest() {
        long least = Long.MAX_VALUE;
        for (Entry e : members) {
            if (e.ready()) {
                least = Math.min(least, e.progress);
            }
        }
        return least;
    }
}
