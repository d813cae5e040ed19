package xen.kernel.event;

import xen.kernel.api.hw.Raw;
import xen.kernel.core.DomainImpl;
import xen.kernel.core.VcpuImpl;

/**
 * The 2-level form of event state: a pending and a mask bit a port in shared_info, a selector bit a word of 64 ports and one
 * upcall-pending byte in each vcpu_info. The guest changes the same words with locked instructions, so every change here is atomic.
 */
final class TwoLevel {
    /** 64 words of 64 ports. */
    static final int PORTS = 4096;

    private TwoLevel() {}

    /** @return true when the bit was clear */
    static boolean setBit(long address, int bit) {
        long m = 1L << bit;
        for (;;) {
            long old = Raw.get64Acquire(address);
            if ((old & m) != 0) {
                return false;
            }
            if (Raw.cas64(address, old, old | m)) {
                return true;
            }
        }
    }

    /** @return true when the bit was set */
    static boolean clearBit(long address, int bit) {
        long m = 1L << bit;
        for (;;) {
            long old = Raw.get64Acquire(address);
            if ((old & m) == 0) {
                return false;
            }
            if (Raw.cas64(address, old, old & ~m)) {
                return true;
            }
        }
    }

    private static long word(DomainImpl d, int array, int port) { return SharedInfo.address(d) + array + (port >>> 6) * 8L; }

    static boolean isPending(DomainImpl d, int port) {
        return (Raw.get64Acquire(word(d, SharedInfo.EVTCHN_PENDING, port)) >>> (port & 63) & 1) != 0;
    }

    static boolean isMasked(DomainImpl d, int port) {
        return (Raw.get64Acquire(word(d, SharedInfo.EVTCHN_MASK, port)) >>> (port & 63) & 1) != 0;
    }

    /** Raises the port. @return true when the vCPU's upcall-pending byte became set by this */
    static boolean setPending(VcpuImpl v, int port) {
        DomainImpl d = v.domain;
        return setBit(word(d, SharedInfo.EVTCHN_PENDING, port), port & 63) && !isMasked(d, port) && select(v, port);
    }

    private static boolean select(VcpuImpl v, int port) { return v.info.select(port >>> 6) && v.info.setPending(); }

    static void clearPending(DomainImpl d, int port) { clearBit(word(d, SharedInfo.EVTCHN_PENDING, port), port & 63); }

    /** Clears the mask bit. @return true when that let a waiting event through and upcall-pending became set */
    static boolean unmask(VcpuImpl v, int port) {
        DomainImpl d = v.domain;
        return clearBit(word(d, SharedInfo.EVTCHN_MASK, port), port & 63) && isPending(d, port) && select(v, port);
    }
}
