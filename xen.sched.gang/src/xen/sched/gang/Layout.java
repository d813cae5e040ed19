package xen.sched.gang;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** Lays gangs down in the columns of a row: whole or not at all; relaxed, as far as they go. */
final class Layout implements Gangs.Layer {
    private GangPolicy policy;
    private final Row row;
    private final GangStats stats;
    /** Those that relaxed co-scheduling stopped in this slot. */
    private final List<Entry> stopped = new ArrayList<>();
    private final List<Entry> members = new ArrayList<>();
    private final Consumer<Entry> without;

    /** @param without told of each member that waits and has no column though its gang is in the row */
    Layout(Row row, GangStats stats, Consumer<Entry> without) {
        this.row = row;
        this.stats = stats;
        this.without = without;
    }

    /** A new slot. */
    void begin(GangPolicy p) {
        policy = p;
        stopped.forEach(e -> e.stopped = false);
        stopped.clear();
        row.clear();
    }

    boolean stopsAnybody() { return !stopped.isEmpty(); }

    @Override public boolean lay(Gang g) {
        members.clear();
        for (Entry e : g.members) {
            if (e.ready) {
                members.add(e);
            }
        }
        if (!policy.relaxed() && members.size() <= row.width()) {
            return row.place(members);
        }
        members.sort(Comparator.comparingLong((Entry e) -> e.progress).thenComparingInt(e -> e.number));
        return part();
    }

    /** Those behind first; a leader whose slowest sibling has no place is stopped. */
    private boolean part() {
        long slowest = members.getFirst().progress;
        boolean follows = true;
        boolean any = false;
        for (Entry e : members) {
            // skew grows only while the slowest does not run
            if (policy.relaxed() && !follows && e.progress - slowest > policy.skewNanos()) {
                e.stopped = true;
                stopped.add(e);
                stats.stops++;
                continue;
            }
            boolean placed = row.place(e);
            any |= placed;
            follows &= placed || e != members.getFirst();
        }
        if (any) {
            for (Entry e : members) {
                if (e.column < 0 && e.queued) {
                    without.accept(e);
                }
            }
        }
        return any;
    }
}
