package xen.sched.gang;

import java.util.ArrayList;
import java.util.List;

/** vCPUs that run at the same time, or a vCPU alone. Known as long as one of them is remembered. */
final class Gang implements Comparable<Gang> {
    /** Where {@link Gangs} keeps it: nowhere, in the present row, among those that wait, or off the row with nobody that waits. */
    enum Place { NOWHERE, ROW, DUE, BUSY }

    final Object key;
    final int number;
    final List<Entry> members = new ArrayList<>(4);
    /** Time that its members ran, by weight, over the number of members: who has least is due. */
    long time;
    /** Members that could run; of those, that wait to be picked. */
    int ready, queued;
    Place place = Place.NOWHERE;

    Gang(Object key, int number) {
        this.key = key;
        this.number = number;
    }

    @Override public int compareTo(Gang o) { return time != o.time ? Long.compare(time, o.time) : Integer.compare(number, o.number); }

    /** Progress of the member that is most behind among those that could run. */
    long slowest() {
        long least = Long.MAX_VALUE;
        for (Entry e : members) {
            if (e.ready) {
                least = Math.min(least, e.progress);
            }
        }
        return least;
    }

    /** The member to run as an alternate on {@code pcpu}: of those that wait, the one most behind; or null. */
    Entry alternate(int pcpu) {
        Entry best = null;
        for (Entry e : members) {
            if (e.queued && e.column < 0 && !e.stopped && (best == null || e.progress < best.progress) && e.vcpu.mayRunOn(pcpu)) {
                best = e;
            }
        }
        return best;
    }
}
