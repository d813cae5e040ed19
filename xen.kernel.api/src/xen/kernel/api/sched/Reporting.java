package xen.kernel.api.sched;

import java.util.Map;

/** A {@link Scheduler} that counts what it does may implement this too; asked at any time, with the pool's lock held. */
public interface Reporting {
    /** Counts since it was started, by short name: "steals.sibling", "switches.rows", ... */
    Map<String, Long> figures();
}
