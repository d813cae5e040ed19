package xen.kernel.trap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.PrivilegedOp;
import xen.kernel.api.hw.VcpuContext;
import xen.kernel.core.CoreFixture;
import xen.kernel.testing.FakeCpu;

/** What each kind of exit becomes in the guest. */
class ExitHandlerTest {
    private static final long H = 0xffff_ffff_8100_0000L;
    private static final int SYSCALL = 2, SYSCALL32 = 7;
    private final CoreFixture f = new CoreFixture();
    private final VcpuContext c = f.c;
    private final long stack = f.free + 0x2000;

    @BeforeEach void stack() {
        f.hypercall(3, 0xe02b, stack);
        f.v.info.mask(0);
        f.trap(6, 0, H + 0x60);
        f.trap(13, 0, H + 0xd0);
        f.trap(14, 0, H + 0xe0);
        f.trap(7, 0, H + 0x70);
        c.gpr(VcpuContext.RSP, f.free + 0x8000);
        c.rip(0x40_1000);
    }

    private void callback(int type, int flags, long address) {
        long p = f.free + 0x9000;
        f.put64(p, type | (long) flags << 16);
        f.put64(p + 8, address);
        assertThat(f.hypercallInKernel(30, 0, p)).isZero();
    }

    @Test void syscallInTheKernelIsAHypercallAndSetsRcxAndR11AsTheProcessorDoes() {
        c.flags(0x246);
        f.step(FakeCpu.hypercall(17, 0));
        assertThat(c.gpr(VcpuContext.RAX)).isEqualTo(4 << 16 | 17);
        assertThat(c.gpr(VcpuContext.RCX)).isEqualTo(0x40_1002);
        assertThat(c.gpr(11)).isEqualTo(0x246);
        assertThat(c.rip()).isEqualTo(0x40_1002);
        assertThat(f.counter("hypercall.xen_version")).isEqualTo(1);
    }

    @Test void unknownHypercallsAnswerEnosysAndAreCounted() {
        assertThat(f.hypercall(45)).isEqualTo(-38);
        assertThat(f.hypercall(1000)).isEqualTo(-38);
        assertThat(f.hypercall(-1)).isEqualTo(-38);
        assertThat(f.counter("hypercall.unknown.45")).isEqualTo(1);
        assertThat(f.counter("hypercall.unknown.other")).isEqualTo(2);
    }

    @Test void aNumberWhoseUpperHalfIsSetIsNoHypercall() {
        f.step((x, b) -> {
            x.gpr(VcpuContext.RAX, 1L << 32 | 17);
            return Exit.SYSCALL;
        });
        assertThat(c.gpr(VcpuContext.RAX)).isEqualTo(-38);
    }

    @Test void syscallInUserModeBouncesToTheCallback() {
        callback(SYSCALL, 1, H + 0x300);
        c.rip(0x40_1002);
        c.flags(0x646);
        f.userMode();
        f.step(FakeCpu.exit(Exit.SYSCALL, 1));
        assertThat(c.rip()).isEqualTo(H + 0x300);
        assertThat(c.flags() & 0x400).as("DF cleared").isZero();
        assertThat(f.v.info.mask()).isEqualTo(1);
        long sp = stack - 56;
        assertThat(f.get64(sp)).as("rcx").isEqualTo(0x40_1002);
        assertThat(f.get64(sp + 8)).as("r11").isEqualTo(0x646);
        assertThat(f.get64(sp + 16)).isEqualTo(0x40_1002);
        assertThat(f.get64(sp + 24)).isEqualTo(0xe033);
        assertThat(f.get64(sp + 32)).as("DF is in the frame").isEqualTo(0x646);
        assertThat(f.get64(sp + 40)).isEqualTo(f.free + 0x8000);
        assertThat(f.get64(sp + 48)).isEqualTo(0xe02b);
    }

    @Test void syscallWithoutCallbackIsAnUndefinedOpcodeAtTheInstruction() {
        c.rip(0x40_1002);
        f.userMode();
        f.step(FakeCpu.exit(Exit.SYSCALL, 1));
        assertThat(c.rip()).isEqualTo(H + 0x60);
        assertThat(f.get64(stack - 56 + 16)).isEqualTo(0x40_1000);
    }

    @Test void syscallFromCompatibilityModeHasItsOwnCallback() {
        callback(SYSCALL32, 0, H + 0x400);
        c.rip(0x40_1002);
        f.userMode();
        c.put32(VcpuContext.LONG_MODE, 0);
        f.step(FakeCpu.exit(Exit.COMPAT_SYSCALL, 1));
        assertThat(c.rip()).isEqualTo(H + 0x400);
        assertThat(c.longMode()).isTrue();
        assertThat(f.get64(stack - 56 + 24)).isEqualTo(0xe023);
    }

    @Test void anEmulatedInstructionUnderTheTrapFlagIsFollowedByADebugException() {
        f.trap(1, 3, H + 0x10);
        f.userMode();
        c.rip(0x40_1000);
        c.flags(0x302);
        f.privileged(PrivilegedOp.CPUID, 0, 2);
        assertThat(c.rip()).isEqualTo(H + 0x10);
        assertThat(f.get64(stack - 56 + 16)).as("behind CPUID").isEqualTo(0x40_1002);
        assertThat(f.get64(stack - 56 + 32) & 0x1_0100).as("a trap: RF is clear, TF as it was").isEqualTo(0x100);
        assertThat(DebugRegisters.get(f.v, 6) & 1 << 14).as("DR6.BS").isNotZero();
    }

    @Test void aRefusedInstructionUnderTheTrapFlagIsItsFaultAlone() {
        f.trap(1, 3, H + 0x10);
        f.userMode();
        c.flags(0x302);
        f.privileged(PrivilegedOp.HLT, 0, 1);
        assertThat(c.rip()).isEqualTo(H + 0xd0);
    }

    @Test void intNFromUserModeNeedsDplThree() {
        f.trap(0x80, 3, H + 0x800);
        softInt(0x80);
        assertThat(c.rip()).isEqualTo(H + 0x800);
        assertThat(f.get64(stack - 56 + 16)).as("behind the instruction").isEqualTo(0x40_1002);

        f.trap(0x81, 0, H + 0x810);
        softInt(0x81);
        assertThat(c.rip()).isEqualTo(H + 0xd0);
        assertThat(f.get64(stack - 64 + 16)).isEqualTo(0x81 << 3 | 2);
        assertThat(f.get64(stack - 64 + 24)).as("at the instruction").isEqualTo(0x40_1000);
    }

    @Test void intNWithoutHandlerIsAGeneralProtectionFault() {
        softInt(0x55);
        assertThat(c.rip()).isEqualTo(H + 0xd0);
    }

    private void softInt(int vector) {
        c.rip(0x40_1000);
        f.userMode();
        f.step((x, b) -> {
            x.put32(VcpuContext.EXIT_VECTOR, vector);
            x.put32(VcpuContext.EXIT_LENGTH, 2);
            return Exit.SOFTWARE_INTERRUPT;
        });
    }

    @Test void pageFaultTellsCr2AndTheVirtualMode() {
        f.exception(14, 0x7, 0x1234_5678L);
        assertThat(c.rip()).isEqualTo(H + 0xe0);
        assertThat(f.v.info.cr2()).isEqualTo(0x1234_5678L);
        assertThat(f.get64(c.gpr(VcpuContext.RSP) + 16)).as("U clear in the kernel").isEqualTo(3);
        f.userMode();
        f.exception(14, 0x3, 0x1000);
        assertThat(f.get64(stack - 64 + 16)).as("U set in user mode").isEqualTo(7);
    }

    @Test void deviceNotAvailableClearsTaskSwitchedForTheHandler() {
        f.hypercall(5, 1);
        assertThat(c.get32(VcpuContext.TASK_SWITCHED)).isEqualTo(1);
        f.exception(7, 0, 0);
        assertThat(c.rip()).isEqualTo(H + 0x70);
        assertThat(c.get32(VcpuContext.TASK_SWITCHED)).isZero();
    }

    @Test void forcedCpuidAnswersInPlaceOfUd2() {
        long at = f.free + 0xa000;
        byte[] code = {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, (byte) 0xa2};
        for (int i = 0; i < code.length; i++) {
            f.put8(at + i, code[i]);
        }
        c.rip(at);
        c.gpr(VcpuContext.RAX, 0x4000_0000L);
        f.exception(6, 0, 0);
        assertThat(c.rip()).isEqualTo(at + 7);
        assertThat(c.gpr(VcpuContext.RBX)).isEqualTo(0x566e_6558L);
        f.put8(at + 4, 'm');
        c.rip(at);
        f.exception(6, 0, 0);
        assertThat(c.rip()).as("plain ud2").isEqualTo(H + 0x60);
    }

    @Test void nothingIsDeliveredToADomainThatCrashed() {
        xen.kernel.api.hw.Raw.put8(f.v.info.address(), 1);
        f.core.life.crash(f.v, "test");
        long rip = c.rip();
        f.step(FakeCpu.exit(Exit.ATTENTION, 0));
        assertThat(c.rip()).isEqualTo(rip);
    }

    @Test void tracersSeeExitsAndHypercalls() {
        StringBuilder seen = new StringBuilder();
        f.trace(new xen.kernel.api.control.TraceSink() {
            @Override public void exit(xen.kernel.api.domain.Vcpu v, int exit) { seen.append("exit ").append(exit).append(' '); }

            @Override public void hypercall(xen.kernel.api.domain.Vcpu v, int n, long a0, long a1, long a2, long r) {
                seen.append("call ").append(n).append('(').append(a0).append(")=").append(r);
            }
        });
        f.hypercall(17, 0);
        assertThat(seen.toString()).isEqualTo("exit 2 call 17(0)=262161");
    }
}
