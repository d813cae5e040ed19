package xen.toolstack.config;

import java.util.BitSet;
import xen.toolstack.api.ToolstackException;

/** xl's lists of CPUs: {@code all}, {@code 0-3,5,^1}; an empty set stands for all. */
final class CpuList {
    private static final int MOST = 1024;

    private CpuList() {}

    static BitSet parse(String text) {
        BitSet set = new BitSet();
        if (text.equals("all")) {
            return set;
        }
        for (String part : text.split(",")) {
            boolean not = part.strip().startsWith("^");
            String range = not ? part.strip().substring(1) : part.strip();
            if (!range.matches("[0-9]{1,4}(-[0-9]{1,4})?")) {
                throw new ToolstackException("cpus = '" + text + "': expected something like 0-3,^1");
            }
            String[] ends = range.split("-");
            int from = Integer.parseInt(ends[0]);
            int to = Integer.parseInt(ends[ends.length - 1]);
            if (to < from || to >= MOST) {
                throw new ToolstackException("cpus = '" + text + "': " + range + " is no range of CPUs below " + MOST);
            }
            set.set(from, to + 1, !not);
        }
        if (set.isEmpty()) {
            throw new ToolstackException("cpus = '" + text + "' leaves no CPU");
        }
        return set;
    }
}
