package xen.kernel.cpuid;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import xen.kernel.core.CoreFixture;

/** The fake board announces every bit of every leaf; the guest sees only what a PV guest can use. */
class CpuidPolicyTest {
    private final CoreFixture f = new CoreFixture();

    private int[] leaf(int leaf, int sub) { return CpuidPolicy.answer(f.v, 0, leaf, sub); }

    private static boolean bit(int value, int n) { return (value >>> n & 1) != 0; }

    @Test void leafOneHidesRingZeroFeaturesAndShowsTheHypervisor() {
        int[] r = leaf(1, 0);
        for (int hidden : new int[] {1, 3, 7, 11, 12, 13, 14, 17, 22}) {
            assertThat(bit(r[3], hidden)).as("EDX %d", hidden).isFalse();
        }
        for (int hidden : new int[] {2, 3, 5, 6, 17, 18, 21, 24}) {
            assertThat(bit(r[2], hidden)).as("ECX %d", hidden).isFalse();
        }
        for (int shown : new int[] {0, 2, 4, 5, 6, 8, 9, 15, 16, 19, 23, 24, 25, 26}) {
            assertThat(bit(r[3], shown)).as("EDX %d", shown).isTrue();
        }
        assertThat(bit(r[2], 31)).as("HYPERVISOR").isTrue();
    }

    @Test void structuredFeaturesHideSmepSmapInvpcidAndSpeculationControls() {
        int[] r = leaf(7, 0);
        for (int hidden : new int[] {1, 4, 7, 10, 11, 14, 20, 25}) {
            assertThat(bit(r[1], hidden)).as("EBX %d", hidden).isFalse();
        }
        for (int hidden : new int[] {2, 3, 4, 16}) {
            assertThat(bit(r[2], hidden)).as("ECX %d", hidden).isFalse();
        }
        for (int hidden : new int[] {26, 27, 29, 31}) {
            assertThat(bit(r[3], hidden)).as("EDX %d", hidden).isFalse();
        }
        assertThat(bit(r[1], 0)).as("FSGSBASE").isTrue();
        assertThat(r[0]).isEqualTo(1);
        assertThat(leaf(7, 2)).containsOnly(0);
    }

    @Test void extendedLeavesHideSvmAndGigabytePages() {
        int[] r = leaf(0x8000_0001, 0);
        assertThat(bit(r[2], 2)).as("SVM").isFalse();
        assertThat(bit(r[3], 26)).as("1 GiB pages").isFalse();
        assertThat(bit(r[3], 11) && bit(r[3], 20) && bit(r[3], 29)).as("SYSCALL, NX, LM").isTrue();
        assertThat(leaf(0x8000_0000, 0)[0]).isEqualTo(0x8000_0008);
        assertThat(leaf(0x8000_000a, 0)).containsOnly(0);
        assertThat(leaf(0x8000_001f, 0)).containsOnly(0);
    }

    @Test void leavesThatOnlyTheHypervisorUsesAreEmpty() {
        for (int l : new int[] {3, 5, 6, 9, 0xa, 0xc, 0xe, 0x14, 0x1fff, 0x2000_0000, 0x4000_0006, 0x4000_0100}) {
            assertThat(leaf(l, 0)).as("%x", l).containsOnly(0);
        }
        assertThat(leaf(0, 0)[0]).isEqualTo(0xd);
    }

    @Test void osxsaveIsTheHypervisorsForTheKernelAndTheGuestsOwnForItsUsers() {
        assertThat(bit(leaf(1, 0)[2], 27)).isTrue();
        f.userMode();
        assertThat(bit(leaf(1, 0)[2], 27)).isFalse();
        assertThat(bit(CpuidPolicy.answer(f.v, 1 << 18, 1, 0)[2], 27)).isTrue();
    }

    @Test void xenLeavesNameTheVersionAndHideNothingElse() {
        assertThat(leaf(0x4000_0000, 0)).containsExactly(0x4000_0005, 0x566e_6558, 0x6558_4d4d, 0x4d4d_566e);
        assertThat(leaf(0x4000_0001, 0)[0]).isEqualTo(4 << 16 | 17);
        assertThat(leaf(0x4000_0002, 0)).containsExactly(1, 0x4000_0000, 1, 0);
        assertThat(leaf(0x4000_0003, 0)[2]).as("kHz").isEqualTo(1_000_000);
        assertThat(leaf(0x4000_0005, 0)[1]).as("address width of 16 MiB").isEqualTo(24);
    }

    @Test void topologyIsOneSingleThreadedCoreForEachVcpu() {
        assertThat(bit(leaf(1, 0)[3], 28)).as("HTT of one vCPU").isFalse();
        CoreFixture g = new CoreFixture(6, false);
        int[] r = CpuidPolicy.answer(g.domain.vcpu(5), 0, 1, 0);
        assertThat(r[1] >>> 24).as("APIC id").isEqualTo(5);
        assertThat(r[1] >>> 16 & 0xff).as("logical processors, rounded up").isEqualTo(8);
        assertThat(bit(r[3], 28)).isTrue();
        assertThat(CpuidPolicy.answer(g.domain.vcpu(5), 0, 0xb, 0)).containsExactly(0, 1, 0x100, 5);
        assertThat(CpuidPolicy.answer(g.domain.vcpu(5), 0, 0xb, 1)).containsExactly(3, 6, 0x201, 5);
        assertThat(CpuidPolicy.answer(g.domain.vcpu(5), 0, 4, 0)[0] >>> 26).as("cores - 1").isEqualTo(7);
        assertThat(CpuidPolicy.answer(g.domain.vcpu(5), 0, 0x8000_0008, 0)[2]).isEqualTo(5);
    }

    @Test void theBoardsOwnArraysAreNotTouched() {
        int[] before = f.machine.board.cpuid(1, 0);
        leaf(1, 0);
        assertThat(f.machine.board.cpuid(1, 0)).isEqualTo(before);
    }
}
