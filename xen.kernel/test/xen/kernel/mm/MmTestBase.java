package xen.kernel.mm;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import xen.kernel.api.hw.Topology;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.TestCore;

/** Two guests on one machine; after every test all references are recounted. */
abstract class MmTestBase {
    static final long EINVAL = -Errno.EINVAL, EPERM = -Errno.EPERM, EBUSY = -Errno.EBUSY, EFAULT = -Errno.EFAULT, ENOSYS = -Errno.ENOSYS,
            ENOMEM = -Errno.ENOMEM, ESRCH = -Errno.ESRCH, EACCES = -Errno.EACCES;
    static final int PLAIN = PvGuest.PLAIN;

    TestCore t;
    PvGuest a;
    PvGuest b;

    @BeforeEach void twoGuests() {
        t = new TestCore(2 << 20, new Topology(1, 2, 1));
        MmHypercalls.register(t.core.hypercalls, t.core);
        a = new PvGuest(t, 1, 64, 80);
        b = new PvGuest(t, 2, 32, 32);
    }

    @AfterEach void allReferencesAreAccountedFor() { audit(); }

    void audit() { FrameAudit.check(t.core.frames, List.of(a.memory(), b.memory())); }

    FrameTable frames() { return t.core.frames; }

    int type(int pfn) { return frames().type((int) a.mfn[pfn]); }

    int typeCount(int pfn) { return frames().typeCount((int) a.mfn[pfn]); }

    /** Machine address of the entry that maps page {@code pfn} in a's boot L1. */
    long pteOf(int pfn) { return a.machine(PvGuest.L1, pfn); }
}
