package xen.bench.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of {@code ./xen lab}. */
final class Options {
    /** null asks for help. */
    String name;
    long seed = 1;
    Path json;
    Path plot;
    final List<Parameter> set = new ArrayList<>();
    Parameter sweep;

    /** A parameter of a scheduler's policy and its values: {@code gang:slot.us=1000,5000}. */
    record Parameter(String scheduler, String key, List<String> values) {
        /** @return null when it is wrong */
        static Parameter parse(String text) {
            return text.matches("[A-Za-z0-9_.-]+:[A-Za-z0-9_.]+=[^=,]+(,[^=,]+)*")
                    ? new Parameter(text.substring(0, text.indexOf(':')), text.substring(text.indexOf(':') + 1, text.indexOf('=')),
                            List.of(text.substring(text.indexOf('=') + 1).split(",")))
                    : null;
        }

        String with(String value) { return scheduler + ":" + key + "=" + value; }
    }

    /** @return null when it is wrong */
    static Options parse(List<String> args) {
        Options o = new Options();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < args.size(); i++) {
            String a = args.get(i);
            if (a.equals("--help") || a.equals("-h")) {
                o.name = null;
                return o;
            }
            if (!a.startsWith("--")) {
                names.add(a);
            } else if (++i == args.size() || !o.take(a, args.get(i))) {
                return null;
            }
        }
        if (names.size() != 1) {
            return null;
        }
        o.name = names.getFirst();
        return o;
    }

    private boolean take(String option, String value) {
        switch (option) {
            case "--json" -> json = Path.of(value);
            case "--plot" -> plot = Path.of(value);
            case "--seed" -> {
                if (!value.matches("-?\\d{1,18}")) {
                    return false;
                }
                seed = Long.parseLong(value);
            }
            case "--set" -> {
                Parameter p = Parameter.parse(value);
                set.add(p);
                return p != null && p.values.size() == 1;
            }
            case "--sweep" -> sweep = Parameter.parse(value);
            default -> {
                return false;
            }
        }
        return !option.equals("--sweep") || sweep != null;
    }
}
