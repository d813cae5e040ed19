package xen.kernel.driver;

import java.util.LinkedHashMap;
import java.util.Map;
import xen.kernel.api.block.BlockDriver;

/** The drivers that bundles offer: the newest serves. One that does not start gives way to the others until all had their turn. */
final class Drivers {
    private final LinkedHashMap<String, BlockDriver> byAge = new LinkedHashMap<>();

    boolean isEmpty() { return byAge.isEmpty(); }

    void add(String name, BlockDriver d) { byAge.putLast(name, d); }

    /** False when another one has the name. */
    boolean remove(String name, BlockDriver d) { return byAge.remove(name, d); }

    /** The next to be started; there is one. */
    Map.Entry<String, BlockDriver> chosen() { return byAge.lastEntry(); }

    /** It did not start: it is the last to be tried again. */
    void failed(String name) {
        BlockDriver d = byAge.get(name);
        if (d != null) {
            byAge.putFirst(name, d);
        }
    }
}
