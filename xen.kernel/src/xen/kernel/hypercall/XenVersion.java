package xen.kernel.hypercall;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import xen.kernel.api.hypercall.Errno;
import xen.kernel.core.DomainImpl;

/** xen_version (17): which Xen the guest may believe to run on. A dummy call of it is also how guests ask for pending events. */
public final class XenVersion {
    public static final int MAJOR = 4, MINOR = 17;
    public static final String TEXT = "4.17.0-java";
    private static final String EXTRA = ".0-java", CAPABILITIES = "xen-3.0-x86_64 ", DENIED = "<denied>";
    /** XENFEAT bits of every PV guest: preserve-AD, highmem assist, grant avail bits, vnode memory ops, direct mapped. */
    private static final int PV_FEATURES = 1 << 5 | 1 << 6 | 1 << 7 | 1 << 13 | 1 << 17;
    private static final int FEATURE_PAE_ABOVE_4GB = 1 << 4, FEATURE_DOM0 = 1 << 11;
    private static final int ASSIST_PAE_EXTENDED_CR3 = 3;

    private XenVersion() {}

    static long call(HypercallFrame c) {
        long arg = c.arg(1);
        int cmd = (int) c.arg(0);
        switch (cmd) {
            case 0: return MAJOR << 16 | MINOR;
            case 1: return put(c, arg, text(EXTRA, 16));
            case 2: return put(c, arg, compileInfo());
            case 3: return put(c, arg, text(CAPABILITIES, 1024));
            case 4: return put(c, arg, text("unavailable", 64));
            case 5:
                c.put64(arg, GuestAccess.HYPERVISOR_START);
                return 0;
            case 6: return features(c, arg);
            case 7: return arg == 0 ? 4096 : -Errno.EINVAL;
            case 8: return put(c, arg, handle(c.domain().uuid()));
            case 9: return put(c, arg, c.domain().config.privileged() ? text("", 1024) : text(DENIED, DENIED.length() + 1));
            case 10: return c.domain().config.privileged() ? -Errno.ENODATA : -Errno.EPERM;
            default: return -Errno.ENOSYS;
        }
    }

    private static long features(HypercallFrame c, long arg) {
        if (c.get32(arg) != 0) {
            return -Errno.EINVAL;
        }
        DomainImpl d = c.domain();
        int f = PV_FEATURES | (d.config.privileged() ? FEATURE_DOM0 : 0);
        if ((d.assists >>> ASSIST_PAE_EXTENDED_CR3 & 1) != 0) {
            f |= FEATURE_PAE_ABOVE_4GB;
        }
        c.put32(arg + 4, f);
        return 0;
    }

    private static long put(HypercallFrame c, long va, byte[] data) {
        c.write(va, data);
        return 0;
    }

    private static byte[] text(String s, int size) { return Arrays.copyOf(s.getBytes(StandardCharsets.US_ASCII), size); }

    private static byte[] compileInfo() {
        return ByteBuffer.allocate(144).put(text("javac", 64)).put(text("nobody", 16)).put(text("localdomain", 32)).put(text("unknown", 32)).array();
    }

    private static byte[] handle(UUID u) {
        return ByteBuffer.allocate(16).putLong(u.getMostSignificantBits()).putLong(u.getLeastSignificantBits()).array();
    }
}
