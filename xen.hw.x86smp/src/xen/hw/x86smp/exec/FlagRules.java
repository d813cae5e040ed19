package xen.hw.x86smp.exec;

/** How each kind of flag writer defines the arithmetic flags; a kind is an operation and a size. */
final class FlagRules {
    private FlagRules() {}

    static long compute(int kind, long result, long a, long b) {
        throw new AssertionError("flag kind " + kind);
    }
}
