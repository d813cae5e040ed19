package xen.sched.gang;

import java.util.Map;

/** What the scheduler did since it was made; written under the pool's lock, read by any thread. */
public final class GangStats {
    volatile long rows, columns, filled, members, alternates, idles, stops, parked, boosts;

    void row(int all, int used) {
        columns += all;
        filled += used;
    }

    void pick(boolean found, boolean member) {
        if (!found) {
            idles++;
        } else if (member) {
            members++;
        } else {
            alternates++;
        }
    }

    /** {@code fragmentation.permille}: columns that no gang filled, of all columns of all rows; alternates ran there, or nobody. */
    public Map<String, Long> figures() {
        return Map.of("rows", rows, "columns", columns, "columns.filled", filled, "fragmentation.permille",
                columns == 0 ? 0 : 1000 * (columns - filled) / columns, "picks.members", members, "picks.alternates", alternates, "idles", idles,
                "stops", stops, "parked", parked, "boosts", boosts);
    }
}
