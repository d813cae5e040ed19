package xen.kernel.grant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.Topology;
import xen.kernel.core.TestCore;
import xen.kernel.mm.DomIds;
import xen.kernel.mm.MmHypercalls;
import xen.kernel.mm.PvGuest;

/** Two guests, the first with a grant table. */
abstract class GrantBed {
    static final int REF = 20, PLAIN = PvGuest.PLAIN, TARGET = 100, SETUP = 2;
    final long args = PvGuest.va(PvGuest.ARGS);
    TestCore t;
    /** Grants. */
    PvGuest a;
    /** Maps. */
    PvGuest b;

    @BeforeEach void twoGuestsWithGrantTables() {
        t = new TestCore(2 << 20, new Topology(1, 1, 1));
        MmHypercalls.register(t.core.hypercalls, t.core);
        GrantHypercalls.register(t.core.hypercalls, t.core);
        a = new PvGuest(t, 1, 64, 80);
        b = new PvGuest(t, 2, 64, 80);
        assertThat(setup(a, 1)).isZero();
    }

    int setup(PvGuest g, int frames) {
        g.put(PvGuest.ARGS, 0, DomIds.SELF | (long) frames << 32);
        g.put(PvGuest.ARGS, 1, 0);
        g.put(PvGuest.ARGS, 2, args + 512);
        assertThat(g.call(20, SETUP, args, 1)).isZero();
        return (short) g.get(PvGuest.ARGS, 1);
    }

    long entryHost(int ref) { return t.core.memory.address(a.domain.grants.frame(0)) + ref * 8L; }

    void grant(int ref, int flags, int domid, long mfn) { GrantEntry.write(entryHost(ref), flags, domid, mfn); }

    int flags(int ref) { return Raw.get16(entryHost(ref)); }
}
