package xen.kernel.driver;

import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import xen.kernel.api.block.StartKind;

/** What became of drivers so far: counts, pauses, the last fault; and what the log says of it. */
final class DriverRecord {
    /** A driver that fails again and again is told of a few times. */
    private static final int TOLD = 10;
    private static final Logger LOG = LoggerFactory.getLogger(DriverRecord.class);

    final Pauses pauses = new Pauses();
    private long restarts, swaps, failures, notStarted;
    private String lastFault = "";

    void started(StartKind kind) {
        swaps += kind == StartKind.HANDOVER ? 1 : 0;
        restarts += kind == StartKind.RESTART ? 1 : 0;
    }

    void notStarted(String name, String why) {
        lastFault = name + " did not start: " + why;
        tell(++notStarted, "block driver {}", lastFault);
    }

    void failed(String name, String why, int underWay) {
        lastFault = name + " " + why;
        tell(++failures, "block driver {}; {} requests are under way", lastFault, underWay);
    }

    private static void tell(long nth, String text, Object... arguments) { LOG.atLevel(nth <= TOLD ? Level.WARN : Level.DEBUG).log(text, arguments); }

    String lastFault() { return lastFault; }

    Map<String, String> report() {
        Map<String, String> m = new TreeMap<>();
        m.put("failures", Long.toString(failures));
        m.put("restarts", Long.toString(restarts));
        m.put("swaps", Long.toString(swaps));
        m.put("last.fault", lastFault.isEmpty() ? "-" : lastFault);
        pauses.addTo(m);
        return m;
    }
}
