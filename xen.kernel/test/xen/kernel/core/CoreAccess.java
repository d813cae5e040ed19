package xen.kernel.core;

/** What tests of other packages need of the core's inside. */
public final class CoreAccess {
    private CoreAccess() {}

    public static void add(Core c, DomainImpl d) { c.add(d); }
}
