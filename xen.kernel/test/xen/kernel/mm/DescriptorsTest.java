package xen.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DescriptorsTest extends MmTestBase {
    private static final long CODE0 = 0x00af_9b00_0000_ffffL, TSS = 0x0000_8900_0000_0067L;
    private final long args = PvGuest.va(PvGuest.ARGS);

    private long setGdt(int entries, long... mfns) {
        for (int i = 0; i < mfns.length; i++) {
            a.put(PvGuest.ARGS, i, mfns[i]);
        }
        return a.call(2, args, entries);
    }

    @Test void codeAndDataDescriptorsGetDpl3() {
        a.put(PLAIN, 2, CODE0);
        a.readOnly(PLAIN);
        assertThat(setGdt(16, a.mfn[PLAIN])).isZero();
        assertThat(a.get(PLAIN, 2)).isEqualTo(CODE0 | 3L << 45);
        assertThat(a.vcpu.descriptors.lookup(0x10)).isEqualTo(CODE0 | 3L << 45);
        assertThat(a.vcpu.descriptors.lookup(0x80)).as("behind the last entry").isZero();
    }

    @Test void theFlatSegmentsOfTheHypervisorAreAlwaysThere() {
        assertThat(a.vcpu.descriptors.lookup(0xe023)).isEqualTo(0x00cf_fb00_0000_ffffL);
        assertThat(a.vcpu.descriptors.lookup(0xe02b)).isEqualTo(0x00cf_f300_0000_ffffL);
        assertThat(a.vcpu.descriptors.lookup(0xe033)).isEqualTo(0x00af_fb00_0000_ffffL);
        assertThat(a.vcpu.descriptors.lookup(0xe008)).as("ring 0 code is not for guests").isZero();
        assertThat(a.vcpu.descriptors.lookup(0xfff8)).isZero();
    }

    @Test void aWritablePageCannotBecomeAGdt() { assertThat(setGdt(8, a.mfn[PLAIN])).isEqualTo(EINVAL); }

    @Test void aPageTableCannotBecomeAGdtNorTheReverse() {
        assertThat(setGdt(8, a.mfn[PvGuest.L1])).isEqualTo(EINVAL);
        a.readOnly(PLAIN);
        assertThat(setGdt(8, a.mfn[PLAIN])).isZero();
        for (int level = 1; level <= 4; level++) {
            assertThat(a.pin(level, PLAIN)).isEqualTo(EBUSY);
        }
        assertThat(a.updateVa(PLAIN, a.entry(PLAIN, 7))).isEqualTo(EBUSY);
    }

    @Test void systemDescriptorsAreRefused() {
        for (long type = 1; type < 16; type++) {
            long d = TSS & ~(15L << 40) | type << 40;
            assertThat(Descriptors.acceptable(d)).as("type %d", type).isFalse();
        }
        a.put(PLAIN, 511, TSS);
        a.readOnly(PLAIN);
        assertThat(setGdt(8, a.mfn[PLAIN])).as("also past the limit in the page").isEqualTo(EINVAL);
    }

    @Test void aCallGateIsKeptWithDplZeroAndItsOwnInTheSelector() {
        long gate = 0x0000_ec00_e030_1234L;
        assertThat(Descriptors.acceptable(gate)).isTrue();
        assertThat(Descriptors.fixedUp(gate)).isEqualTo(0x0000_8c00_e033_1234L);
        assertThat(Descriptors.acceptable(0x0000_ec00_0000_1234L)).as("null target").isFalse();
        assertThat(Descriptors.acceptable(0x0000_ec00_e008_1234L)).as("the hypervisor's code").isFalse();
        assertThat(Descriptors.acceptable(0x0000_ec01_e030_1234L)).as("reserved bits").isFalse();
    }

    @Test void absentDescriptorsMayBeAnything() {
        assertThat(Descriptors.acceptable(TSS & ~(1L << 47))).isTrue();
        assertThat(Descriptors.fixedUp(TSS & ~(1L << 47))).isEqualTo(TSS & ~(1L << 47));
        assertThat(Descriptors.fixedUp(-1L)).isEqualTo(-1L);
    }

    @Test void aRefusedGdtLeavesTheOldOne() {
        a.put(PLAIN, 2, CODE0);
        a.readOnly(PLAIN);
        a.readOnly(11);
        assertThat(setGdt(16, a.mfn[PLAIN])).isZero();
        assertThat(setGdt(1024, a.mfn[11], b.mfn[11])).isEqualTo(EINVAL);
        assertThat(setGdt(1024, a.mfn[11], -1)).isEqualTo(EINVAL);
        assertThat(setGdt(7169, a.mfn[11])).as("reaches the reserved entries").isEqualTo(EINVAL);
        assertThat(setGdt(-1, a.mfn[11])).isEqualTo(EINVAL);
        assertThat(a.call(2, PvGuest.va(300), 8)).isEqualTo(EFAULT);
        assertThat(a.vcpu.descriptors.lookup(0x10)).isNotZero();
        assertThat(typeCount(11)).isZero();
        assertThat(setGdt(0)).isZero();
        assertThat(typeCount(PLAIN)).isZero();
    }

    @Test void updateDescriptorChecksWhatItWrites() {
        a.readOnly(PLAIN);
        setGdt(16, a.mfn[PLAIN]);
        assertThat(a.call(10, a.machine(PLAIN, 3), CODE0)).isZero();
        assertThat(a.get(PLAIN, 3)).isEqualTo(CODE0 | 3L << 45);
        assertThat(a.call(10, a.machine(PLAIN, 3), TSS)).isEqualTo(EINVAL);
        assertThat(a.call(10, a.machine(PLAIN, 3) + 4, CODE0)).as("not aligned").isEqualTo(EINVAL);
        assertThat(a.call(10, b.machine(PLAIN, 3), CODE0)).as("another domain's").isEqualTo(EINVAL);
        assertThat(a.call(10, a.machine(PvGuest.L1, 3), CODE0)).as("a page table").isEqualTo(EINVAL);
        assertThat(a.call(10, -8L, CODE0)).isEqualTo(EINVAL);
        assertThat(a.call(10, a.machine(11, 0), CODE0)).as("plain memory").isZero();
        assertThat(a.get(11, 0)).isEqualTo(CODE0 | 3L << 45);
    }
}
