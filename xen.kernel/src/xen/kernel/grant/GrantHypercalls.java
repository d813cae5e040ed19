package xen.kernel.grant;

import xen.kernel.core.Core;
import xen.kernel.hypercall.HypercallTable;

/** The grant hypercall. */
public final class GrantHypercalls {
    private GrantHypercalls() {}

    public static void register(HypercallTable t, Core core) { t.register(20, "grant_table_op", new GrantCalls()::call); }
}
