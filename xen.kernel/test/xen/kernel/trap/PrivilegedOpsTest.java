package xen.kernel.trap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.PrivilegedOp;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.CoreFixture;

/** Every privileged instruction: done in the guest kernel, refused in user mode. */
class PrivilegedOpsTest {
    private static final long GP = 0xffff_ffff_8100_0d00L, UD = 0xffff_ffff_8100_0600L;
    private static final int RAX = VcpuContext.RAX, RCX = VcpuContext.RCX, RDX = VcpuContext.RDX, RBX = VcpuContext.RBX;
    private final CoreFixture f = new CoreFixture();
    private final VcpuContext c = f.c;

    @BeforeEach void handlers() {
        f.trap(13, 0, GP);
        f.trap(6, 0, UD);
        f.hypercall(3, 0xe02b, f.free + 0x4000);
    }

    private void run(PrivilegedOp op, int operand) {
        c.rip(0x1000);
        c.gpr(VcpuContext.RSP, f.free + 0x8000);
        f.privileged(op, operand, 3);
    }

    private void done(PrivilegedOp op, int operand) {
        long retired = c.get64(VcpuContext.RETIRED);
        run(op, operand);
        assertThat(c.rip()).as("%s", op).isEqualTo(0x1003);
        assertThat(c.get64(VcpuContext.RETIRED)).isEqualTo(retired + 1);
    }

    private void refused(PrivilegedOp op, int operand) {
        run(op, operand);
        assertThat(c.rip()).as("%s", op).isEqualTo(GP);
        assertThat(f.get64(c.gpr(VcpuContext.RSP) + 16)).as("error code").isZero();
        assertThat(f.get64(c.gpr(VcpuContext.RSP) + 24)).as("at the instruction").isEqualTo(0x1000);
    }

    private static int cr(int cr, int reg) { return reg | cr << 8 | 8 << 24; }

    private long rdmsr(int msr) {
        c.gpr(RCX, msr & 0xffff_ffffL);
        done(PrivilegedOp.RDMSR, 0);
        return c.gpr(RDX) << 32 | c.gpr(RAX);
    }

    private void wrmsr(int msr, long value) {
        c.gpr(RCX, msr & 0xffff_ffffL);
        c.gpr(RAX, value & 0xffff_ffffL);
        c.gpr(RDX, value >>> 32);
        done(PrivilegedOp.WRMSR, 0);
    }

    private void wrmsrRefused(int msr, long value) {
        c.gpr(RCX, msr & 0xffff_ffffL);
        c.gpr(RAX, value & 0xffff_ffffL);
        c.gpr(RDX, value >>> 32);
        refused(PrivilegedOp.WRMSR, 0);
    }

    @Test void userModeMayExecuteNothingButCpuid() {
        for (PrivilegedOp op : PrivilegedOp.values()) {
            f.userMode();
            if (op == PrivilegedOp.CPUID) {
                done(op, 0);
            } else if (op == PrivilegedOp.MONITOR || op == PrivilegedOp.MWAIT) {
                run(op, 0);
                assertThat(c.rip()).isEqualTo(UD);
            } else {
                c.gpr(RCX, 0xc000_0101L);
                refused(op, 0xffff << 8 | 1 << 24);
            }
        }
    }

    @Test void theGuestKernelMayNotExecuteWhatXenDoesNotEmulate() {
        for (PrivilegedOp op : new PrivilegedOp[] {PrivilegedOp.HLT, PrivilegedOp.INVD, PrivilegedOp.LGDT, PrivilegedOp.LIDT, PrivilegedOp.LLDT,
            PrivilegedOp.LTR, PrivilegedOp.LMSW, PrivilegedOp.SWAPGS, PrivilegedOp.SYSRET, PrivilegedOp.SYSEXIT, PrivilegedOp.RDPMC,
            PrivilegedOp.INS, PrivilegedOp.OUTS, PrivilegedOp.OTHER}) {
            refused(op, 0);
        }
    }

    @Test void controlRegistersReadAsXenShowsThem() {
        f.v.info.cr2(0x1234_5000L);
        c.put64(VcpuContext.KERNEL_ROOT, 0x777);
        done(PrivilegedOp.READ_CR, cr(0, RBX));
        assertThat(c.gpr(RBX)).isEqualTo(0x8005_0033L);
        done(PrivilegedOp.READ_CR, cr(2, 9));
        assertThat(c.gpr(9)).isEqualTo(0x1234_5000L);
        done(PrivilegedOp.READ_CR, cr(3, RBX));
        assertThat(c.gpr(RBX)).isEqualTo(0x77_7000L);
        done(PrivilegedOp.READ_CR, cr(4, RBX));
        assertThat(c.gpr(RBX)).isEqualTo(0x660);
        refused(PrivilegedOp.READ_CR, cr(8, RBX));
    }

    @Test void ofCr0OnlyTaskSwitchedCanBeWritten() {
        c.gpr(RBX, 0x8005_003bL);
        done(PrivilegedOp.WRITE_CR, cr(0, RBX));
        assertThat(c.get32(VcpuContext.TASK_SWITCHED)).isEqualTo(1);
        done(PrivilegedOp.READ_CR, cr(0, RDX));
        assertThat(c.gpr(RDX)).isEqualTo(0x8005_003bL);
        done(PrivilegedOp.CLTS, 0);
        assertThat(c.get32(VcpuContext.TASK_SWITCHED)).isZero();
        c.gpr(RBX, 0x0005_0033L);
        refused(PrivilegedOp.WRITE_CR, cr(0, RBX));
        c.gpr(RBX, 0x42);
        done(PrivilegedOp.WRITE_CR, cr(2, RBX));
        assertThat(f.v.info.cr2()).isEqualTo(0x42);
    }

    @Test void cr3OfAFrameThatIsNoPageTableOfTheGuestIsRefused() {
        c.gpr(RBX, f.free);
        refused(PrivilegedOp.WRITE_CR, cr(3, RBX));
        assertThat(c.get64(VcpuContext.KERNEL_ROOT)).isZero();
        c.gpr(RBX, -4096L);
        refused(PrivilegedOp.WRITE_CR, cr(3, RBX));
    }

    @Test void cr4KeepsTheGuestsBitsAndIgnoresTheOthers() {
        c.gpr(RBX, -1L);
        done(PrivilegedOp.WRITE_CR, cr(4, RBX));
        done(PrivilegedOp.READ_CR, cr(4, RDX));
        assertThat(c.gpr(RDX)).isEqualTo(0x660 | 4 | 8 | 1 << 16 | 1 << 18);
    }

    @Test void baseRegistersAreReadAndWrittenAndStayCanonical() {
        wrmsr(0xc000_0100, 0x1000);
        wrmsr(0xc000_0101, 0xffff_ffff_8200_0000L);
        wrmsr(0xc000_0102, 0x3000);
        assertThat(rdmsr(0xc000_0100)).isEqualTo(0x1000);
        assertThat(rdmsr(0xc000_0101)).isEqualTo(0xffff_ffff_8200_0000L);
        assertThat(c.get64(VcpuContext.GS_BASE)).isEqualTo(0xffff_ffff_8200_0000L);
        assertThat(rdmsr(0xc000_0102)).isEqualTo(0x3000);
        wrmsrRefused(0xc000_0101, 0x8000_0000_0000L);
    }

    @Test void otherRegistersAnswerAsXenDoes() {
        assertThat(rdmsr(0xc000_0080)).isEqualTo(0xd01);
        wrmsr(0xc000_0080, 0xd01);
        wrmsrRefused(0xc000_0080, 0x501);
        assertThat(rdmsr(0x277)).isEqualTo(0x0000_0501_0007_0406L);
        wrmsrRefused(0x277, 0);
        assertThat(rdmsr(0x1b)).isEqualTo(0xfee0_0900L);
        assertThat(rdmsr(0x345)).isZero();
        wrmsr(0xc000_0103, 5);
        assertThat(rdmsr(0xc000_0103)).isEqualTo(5);
        wrmsrRefused(0xc000_0103, 1L << 32);
        wrmsrRefused(0xc000_0082, GP);
        wrmsrRefused(0x4000_0000, f.free);
    }

    @Test void unknownRegistersFaultButReadZeroBeforeThereIsAHandler() {
        c.gpr(RCX, 0x12345);
        refused(PrivilegedOp.RDMSR, 0);
        f.hypercall(0, 0);
        assertThat(rdmsr(0x12345)).isZero();
        c.gpr(RCX, 0x4000_0000);
        run(PrivilegedOp.RDMSR, 0);
        assertThat(f.crashed()).as("Xen's own range always faults").isTrue();
    }

    @Test void portsNeedVirtualIoplAndReadAllOnes() {
        refused(PrivilegedOp.IN, 0x60 << 8 | 1 << 24);
        f.v.traps.iopl(1);
        c.gpr(RAX, 0x1234_5678_0000_0000L);
        done(PrivilegedOp.IN, 0x60 << 8 | 1 << 24);
        assertThat(c.gpr(RAX)).isEqualTo(0x1234_5678_0000_00ffL);
        done(PrivilegedOp.IN, 0xffff << 8 | 2 << 24);
        assertThat(c.gpr(RAX)).isEqualTo(0x1234_5678_0000_ffffL);
        done(PrivilegedOp.IN, 0xffff << 8 | 4 << 24);
        assertThat(c.gpr(RAX)).isEqualTo(0xffff_ffffL);
        done(PrivilegedOp.IN, 0x42 << 8 | 1 << 24);
        assertThat(c.gpr(RAX)).as("the PIT stands still").isEqualTo(0xffff_ff00L);
        done(PrivilegedOp.OUT, 0x80 << 8 | 1 << 24);
        f.userMode();
        refused(PrivilegedOp.IN, 0x60 << 8 | 1 << 24);
    }

    @Test void userModeMayUsePortsThatTheGuestsBitmapAllows() {
        long bitmap = f.free + 0x6000;
        f.put64(bitmap, ~(1L << 0x30));
        f.put64(f.free, bitmap);
        f.put32(f.free + 8, 1024);
        assertThat(f.hypercall(33, 7, f.free)).isZero();
        f.userMode();
        done(PrivilegedOp.IN, 0x30 << 8 | 1 << 24);
        refused(PrivilegedOp.IN, 0x31 << 8 | 1 << 24);
        f.userMode();
        refused(PrivilegedOp.IN, 0x30 << 8 | 2 << 24);
    }

    @Test void interruptFlagInstructionsDoNothingWhereIoplAllowsThem() {
        f.v.info.mask(1);
        refused(PrivilegedOp.STI, 0);
        f.v.traps.iopl(1);
        f.v.info.mask(1);
        done(PrivilegedOp.STI, 0);
        assertThat(f.v.info.mask()).isEqualTo(1);
        done(PrivilegedOp.CLI, 0);
    }

    @Test void debugRegistersGoThroughTheSameChecksAsTheHypercall() {
        c.gpr(RBX, 0x40_0000);
        done(PrivilegedOp.WRITE_DR, cr(1, RBX));
        done(PrivilegedOp.READ_DR, cr(1, RDX));
        assertThat(c.gpr(RDX)).isEqualTo(0x40_0000);
        c.gpr(RBX, 0xffff_8000_0000_0000L);
        refused(PrivilegedOp.WRITE_DR, cr(1, RBX));
        done(PrivilegedOp.READ_DR, cr(7, RDX));
        assertThat(c.gpr(RDX)).isEqualTo(0x400);
        c.gpr(RBX, 8);
        done(PrivilegedOp.WRITE_CR, cr(4, RBX));
        run(PrivilegedOp.READ_DR, cr(5, RDX));
        assertThat(c.rip()).as("no alias with CR4.DE").isEqualTo(UD);
    }

    @Test void xcr0TakesWhatCpuidAnnouncesOnceOsxsaveIsSet() {
        c.gpr(RCX, 0);
        c.gpr(RAX, 3);
        c.gpr(RDX, 0);
        refused(PrivilegedOp.XSETBV, 0);
        c.gpr(RBX, 1 << 18);
        done(PrivilegedOp.WRITE_CR, cr(4, RBX));
        c.gpr(RAX, 7);
        done(PrivilegedOp.XSETBV, 0);
        assertThat(c.get64(VcpuContext.XCR0)).isEqualTo(7);
        for (long bad : new long[] {0, 2, 5, 0xf}) {
            c.gpr(RAX, bad);
            refused(PrivilegedOp.XSETBV, 0);
        }
        c.gpr(RAX, 3);
        c.gpr(RCX, 1);
        refused(PrivilegedOp.XSETBV, 0);
    }

    @Test void cacheAndTranslationInstructionsAreAccepted() {
        done(PrivilegedOp.WBINVD, 0);
        done(PrivilegedOp.INVLPG, 0);
        assertThat(f.cpu.pageFlushes).isEqualTo(1);
    }
}
