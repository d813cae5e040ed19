package xen.hw.x86smp.exec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** Breakpoints, alignment checks and segments of compatibility mode; what each does was compared with a processor's own answer. */
class SlowAccessTest {
    private static final int RAX = 0, RCX = 1, RSI = 6, RDI = 7, DB = 1, SS = 12, GP = 13, AC = 17;
    private static final int DR6 = VcpuContext.DR + 32, DR7 = VcpuContext.DR + 40;
    private static final long TF = 0x100, ALIGNMENT = 0x4_0000, RF = 0x1_0000;
    private final Guest g = new Guest();

    @AfterEach void close() { g.close(); }

    private void breakpoint(int i, long at, int type, int length) {
        g.vcpu.put64(VcpuContext.DR + 8 * i, at);
        g.vcpu.put64(DR7, g.vcpu.get64(DR7) | 1L << 2 * i | (long) (length << 2 | type) << 16 + 4 * i);
    }

    private int goOn() { return g.cpu.run(g.vcpu, 1000); }

    private void trapped(int exit, int vector, long rip) {
        assertThat(Exit.NAMES[exit]).isEqualTo("exception");
        assertThat(g.vector()).isEqualTo(vector);
        assertThat(g.vcpu.rip()).isEqualTo(rip);
    }

    private long dr6() {
        long v = g.vcpu.get64(DR6);
        g.vcpu.put64(DR6, 0);
        return v & 0x400f;
    }

    @Test void aWatchpointTrapsBehindTheStore() {
        breakpoint(1, Guest.DATA + 8, 1, 2);
        g.set(RDI, Guest.DATA);
        // mov [rdi], rax; mov rax, [rdi+8]; mov [rdi+15], al
        trapped(g.run("488907 488b4708 88470f"), DB, Guest.CODE + 10);
        assertThat(dr6()).isEqualTo(2);
        assertThat(goOn()).isEqualTo(Exit.SYSCALL);
    }

    @Test void aReadWatchpointStopsARepeatedInstructionBetweenItsParts() {
        breakpoint(0, Guest.DATA + 4, 3, 3);
        g.set(RSI, Guest.DATA).set(RDI, Guest.DATA + 64).set(RCX, 4);
        trapped(g.run("f3a5"), DB, Guest.CODE);
        assertThat(g.reg(RCX)).isEqualTo(2);
        assertThat(dr6()).isEqualTo(1);
        assertThat(goOn()).isEqualTo(Exit.SYSCALL);
    }

    @Test void anExecutionBreakpointStopsInFrontUnlessResumed() {
        breakpoint(3, Guest.CODE + 1, 0, 0);
        trapped(g.run("9090"), DB, Guest.CODE + 1);
        assertThat(dr6()).isEqualTo(8);
        trapped(goOn(), DB, Guest.CODE + 1);
        g.vcpu.flags(g.vcpu.flags() | RF);
        assertThat(goOn()).isEqualTo(Exit.SYSCALL);
        assertThat(g.vcpu.flags() & RF).isZero();
    }

    @Test void aLoadOfSsPutsTheTrapOff() {
        g.descriptors[5] = 0x00cf_f300_0000_ffffL;
        g.set(RAX, 0x2b).flags(TF | 2);
        // mov ss, eax; nop
        trapped(g.run("8ed0 90"), DB, Guest.CODE + 3);
        assertThat(dr6()).isEqualTo(0x4000);
    }

    @Test void popfIsSteppedByTheFlagItBeganWith() {
        g.flags(TF | 2);
        // push 2 happened before: popf clears TF and traps all the same
        Raw.put64(g.host(Guest.STACK), 2);
        trapped(g.run("9d"), DB, Guest.CODE + 1);
        assertThat(goOn()).isEqualTo(Exit.SYSCALL);
    }

    @Test void misalignedOperandsFaultUnderTheAlignmentFlag() {
        g.set(RDI, Guest.DATA).flags(ALIGNMENT | 2);
        // mov eax, [rdi+4]; mov al, [rdi+5]; mov eax, [rdi+6]
        trapped(g.run("8b4704 8a4705 8b4706"), AC, Guest.CODE + 6);
        g.flags(2);
        assertThat(goOn()).isEqualTo(Exit.SYSCALL);
    }

    // Compatibility mode

    private void compat(long code, long data) {
        g.vcpu.put32(VcpuContext.LONG_MODE, 0);
        for (int s = 0; s < 4; s++) {
            segment(s, s == VcpuContext.CS ? code : data);
        }
    }

    private void segment(int s, long d) {
        int at = VcpuContext.SEGMENTS + 16 * s;
        g.vcpu.put32(at, (int) (d >>> 16 & 0xff_ffff | d >>> 32 & 0xff00_0000L));
        int limit = (int) (d & 0xffff | d >>> 32 & 0xf_0000);
        g.vcpu.put32(at + 4, (d >>> 55 & 1) != 0 ? limit << 12 | 0xfff : limit);
        g.vcpu.put32(at + 8, (int) (d >>> 40) & 0xf0ff);
    }

    private static final long FLAT_CODE = 0x00cf_fb00_0000_ffffL, FLAT = 0x00cf_f300_0000_ffffL;
    /** Base DATA, limit 0xfff; the same read-only; base CODE, limit 0xffff. */
    private static final long SMALL = 0x0040_f370_0000_0fffL, CONSTANT = 0x0040_f170_0000_0fffL, CODE = 0x0040_fb40_0000_ffffL;

    /** @param eip where in the code segment */
    private int run32(String hex, long eip) {
        g.poke(Guest.CODE, hex + "0f05");
        g.vcpu.rip(eip);
        return g.cpu.run(g.vcpu, 1000);
    }

    @Test void flatSegmentsNeedNoLookAtAll() {
        compat(FLAT_CODE, FLAT);
        g.set(RDI, Guest.DATA).set(RAX, 7);
        assertThat(run32("8907", Guest.CODE)).isEqualTo(Exit.COMPAT_SYSCALL);
        assertThat(g.cpu.segmented).isFalse();
        assertThat(Raw.get32(g.host(Guest.DATA))).isEqualTo(7);
    }

    @Test void basesOfDataAndCodeSegmentsAreAdded() {
        compat(CODE, FLAT);
        segment(VcpuContext.DS, SMALL);
        g.set(RDI, 0x10).set(RAX, 7);
        // mov [edi], eax; call next; pop ecx
        assertThat(run32("8907 e800000000 59", 0)).isEqualTo(Exit.COMPAT_SYSCALL);
        assertThat(Raw.get32(g.host(Guest.DATA + 0x10))).isEqualTo(7);
        assertThat(g.reg(RCX)).as("a return address is an offset").isEqualTo(7);
        assertThat(g.vcpu.rip()).isEqualTo(10);
    }

    @Test void theSegmentsLimitAndTypeAreChecked() {
        compat(CODE, FLAT);
        segment(VcpuContext.DS, CONSTANT);
        g.set(RDI, 0xffd);
        trapped(run32("8b07", 0), GP, 0);
        g.set(RDI, 0xffc);
        assertThat(run32("8b07", 0)).isEqualTo(Exit.COMPAT_SYSCALL);
        trapped(run32("8907", 0), GP, 0);
        trapped(run32("2e8907", 0), GP, 0);
    }

    @Test void theStackHasItsSegmentToo() {
        compat(FLAT_CODE, FLAT);
        segment(VcpuContext.SS, SMALL);
        g.set(4, 0x100).set(RAX, 9);
        assertThat(run32("50", Guest.CODE)).isEqualTo(Exit.COMPAT_SYSCALL);
        assertThat(Raw.get32(g.host(Guest.DATA + 0xfc))).isEqualTo(9);
        g.set(4, 2);
        trapped(run32("50", Guest.CODE), SS, Guest.CODE);
    }

    @Test void aLoadedSegmentCountsFromTheNextInstructionOn() {
        compat(FLAT_CODE, FLAT);
        g.descriptors[9] = SMALL;
        Raw.put32(g.host(Guest.DATA + 4), 0x1234);
        g.set(RAX, 0x4b).set(RDI, 4);
        // mov ds, eax; mov ecx, [edi]
        assertThat(run32("8ed8 8b0f", Guest.CODE)).isEqualTo(Exit.COMPAT_SYSCALL);
        assertThat(g.reg(RCX)).isEqualTo(0x1234);
    }

    @Test void aNullSegmentCannotBeUsed() {
        compat(FLAT_CODE, FLAT);
        g.set(RAX, 0);
        trapped(run32("8ed8 8b07", Guest.CODE), GP, Guest.CODE + 2);
        compat(FLAT_CODE, FLAT);
        trapped(run32("648b07", Guest.CODE), GP, Guest.CODE);
    }

    @Test void sysenterIsUndefined() {
        trapped(g.run("0f34"), 6, Guest.CODE);
        compat(FLAT_CODE, FLAT);
        trapped(run32("0f34", Guest.CODE), 6, Guest.CODE);
    }
}
