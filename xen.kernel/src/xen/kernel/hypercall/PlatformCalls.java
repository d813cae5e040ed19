package xen.kernel.hypercall;

import xen.kernel.api.hypercall.Errno;

/**
 * Calls about the physical platform as a guest without one may issue them: physdev_op (33) knows I/O privilege, everything about real
 * interrupts and PCI is refused; platform_op, sysctl and domctl are for domain 0, whose code is the tool stack's Java side.
 */
final class PlatformCalls {
    private static final int APIC_READ = 8, APIC_WRITE = 9, SET_IOPL = 6, SET_IOBITMAP = 7, IRQ_STATUS_QUERY = 5, EOI = 12, MAP_PIRQ = 13,
            UNMAP_PIRQ = 14;
    private static final int MAX_PORTS = 65536;

    private PlatformCalls() {}

    static long physdev(HypercallFrame c) {
        long arg = c.arg(1);
        switch ((int) c.arg(0)) {
            case SET_IOPL: {
                int iopl = c.get32(arg);
                if (iopl < 0 || iopl > 3) {
                    return -Errno.EINVAL;
                }
                c.vcpu().traps.iopl(iopl);
                return 0;
            }
            case SET_IOBITMAP: {
                long bitmap = c.get64(arg);
                int ports = c.get32(arg + 8);
                if (ports < 0 || ports > MAX_PORTS || !GuestAccess.addressOk(bitmap)) {
                    return -Errno.EINVAL;
                }
                c.vcpu().traps.ioBitmap(bitmap, ports);
                return 0;
            }
            case EOI, IRQ_STATUS_QUERY: {
                // reads its argument first, as Xen does; no guest has a physical interrupt
                c.get32(arg);
                return -Errno.EINVAL;
            }
            case APIC_READ, APIC_WRITE, MAP_PIRQ, UNMAP_PIRQ: return -Errno.EPERM;
            default: return -Errno.ENOSYS;
        }
    }

    static long domain0Only(HypercallFrame c) { return c.domain().config.privileged() ? -Errno.ENOSYS : -Errno.EPERM; }

    /** xenpmu_op (40): no virtual performance counters. */
    static long pmu(HypercallFrame c) { return -Errno.EOPNOTSUPP; }
}
