package xen.hw.x86smp.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import xen.kernel.api.hw.Exit;
import xen.kernel.api.hw.PrivilegedOp;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

class IntegerOpsTest {
    private static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RSI = 6, RDI = 7;
    private final Guest g = new Guest();

    @AfterEach void close() { g.close(); }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        // code, rax, rbx, rax after, flags after
        "48 01 d8 | 7fffffffffffffff | 1 | 8000000000000000 | PASO",
        "01 d8    | ffffffffffffffff | 1 | 0 | CPAZ",
        "66 01 d8 | 1234567800007fff | 1 | 1234567800008000 | PASO",
        "00 d8    | 80 | 80 | 0 | CPZO",
        "00 fc    | 1ff01 | 200 | 10101 | CA",
        "48 29 d8 | 0 | 1 | ffffffffffffffff | CPAS",
        "29 d8    | 1122334480000000 | 1 | 7fffffff | PAO",
        "48 f7 d8 | 8000000000000000 | 0 | 8000000000000000 | CPSO",
        "f6 d8    | 0 | 0 | 0 | PZ",
        "48 31 d8 | ff | ff | 0 | PZ",
        "f9 48 11 d8 | ffffffffffffffff | 0 | 0 | CPAZ",
        "f9 48 19 d8 | 0 | ffffffffffffffff | 0 | CPAZ",
        "f9 48 ff c0 | ffffffffffffffff | 0 | 0 | CPAZ",
        "f8 48 ff c8 | 8000000000000000 | 0 | 7fffffffffffffff | PAO",
        "d1 e0 | ffffffff4fffffff | 0 | 9ffffffe | ASO",
        "48 c1 f8 3f | 8000000000000000 | 0 | ffffffffffffffff | PAS",
        "d1 e8    | ffffffff00000001 | 0 | 0 | CPAZ",
        "c1 e0 20 | ffffffff00000001 | 0 | 1 | ''",
        "c0 e0 09 | ff | 0 | 0 | PAZ",
        "f9 48 d1 d8 | 1 | 0 | 8000000000000000 | CO",
        "f9 66 d1 d0 | 8001 | 0 | 3 | CO",
        "d0 c8 | 1f | 0 | 8f | CO",
        "48 0f ba e0 3f | 8000000000000000 | 0 | 8000000000000000 | C",
        "0f c8 | ffffffff12345678 | 0 | 78563412 | ''",
        "48 0f be c0 | 80 | 0 | ffffffffffffff80 | ''",
        "0f bf c3 | 0 | 8000 | ffff8000 | ''",
        "48 98 | 80000000 | 0 | ffffffff80000000 | ''",
        "f9 48 0f 42 c3 | 1 | 2 | 2 | C",
        "f8 0f 42 c3 | ffffffff00000001 | 2 | 1 | ''",
        "f9 0f 92 c4 | 0 | 0 | 100 | C",
        "f9 9f | 0 | 0 | 300 | C",
        "b4 c5 9e | 0 | 0 | c500 | CPZS",
        "f2 48 0f 38 f1 c3 | 0 | 1 | 493c7d27 | ''",
        // undefined in the manuals, AMD's
        "48 c1 e0 02 | 4000000000000000 | 0 | 0 | CPAZO",
        "48 c1 e8 02 | 8000000000000000 | 0 | 2000000000000000 | PA",
        "66 0f a4 d8 10 | 1 | 8000 | 8000 | CPASO",
        "0f ac d8 02 | 1 | 2 | 80000000 | PASO",
        "f9 48 0f af c3 | 3 | 5 | f | ''",
        "38 c0 48 0f af c3 | ffffffffffffffff | 1 | ffffffffffffffff | PZ",
        "38 c0 f9 f6 f3 | 7 | 2 | 103 | CA",
        "38 c0 0f bc c3 | 0 | 30 | 4 | ''",
        "0f bd c3 | 7 | 0 | 7 | PZ",
        "f3 0f bd c3 | 0 | 0 | 20 | C",
        "c4 e2 60 f7 c3 | 0 | 0 | 0 | PAZ",
        "f3 48 0f b8 c3 | 0 | ff00ff00 | 10 | ''",
    })
    void results(String code, String rax, String rbx, String after, String flags) {
        g.set(RAX, Long.parseUnsignedLong(rax, 16)).set(RBX, Long.parseUnsignedLong(rbx, 16)).ok(code);
        assertEquals(after, Long.toHexString(g.reg(RAX)));
        assertEquals(flags, g.flags());
    }

    @Test void depositTakesTheLowBitsToTheMask() {
        g.set(RBX, 0xff00).set(RCX, 0xa5).ok("c4 e2 f3 f5 c3");
        assertEquals(0xa500, g.reg(RAX));
        g.set(RBX, 0xff00).set(RCX, 0xa5ff).ok("c4 e2 f2 f5 c3");
        assertEquals(0xa5, g.reg(RAX));
    }

    @Test void multiplicationFillsBothHalves() {
        g.set(RAX, -1).set(RBX, -1).ok("48 f7 e3");
        assertEquals(1, g.reg(RAX));
        assertEquals(-2, g.reg(RDX));
        g.set(RAX, -1).set(RBX, -1).ok("48 f7 eb");
        assertEquals(0, g.reg(RDX));
    }

    @Test void divisionIsExactIn128Bits() {
        g.set(RDX, 0x1234_5678_9abc_def0L).set(RAX, 0x0fed_cba9_8765_4321L).set(RBX, 0xfedc_ba98_7654_3210L).ok("48 f7 f3");
        var n = new java.math.BigInteger("123456789abcdef00fedcba987654321", 16);
        var d = new java.math.BigInteger("fedcba9876543210", 16);
        assertEquals(n.divide(d).longValue(), g.reg(RAX));
        assertEquals(n.mod(d).longValue(), g.reg(RDX));
    }

    @ParameterizedTest
    @CsvSource({"48f7f3,1,0,1", "48f7f3,0,5,0", "48f7fb,8000000000000000,8000000000000000,1", "48f7fb,0,8000000000000000,1", "f7fb,ffffffff,80000000,ffffffff", "f6f3,0,1000,10"})
    void quotientsThatDoNotFitAreDivideErrors(String code, String rdx, String rax, String rbx) {
        g.set(RDX, Long.parseUnsignedLong(rdx, 16)).set(RAX, Long.parseUnsignedLong(rax, 16)).set(RBX, Long.parseUnsignedLong(rbx, 16));
        assertEquals(Exit.EXCEPTION, g.run(code));
        assertEquals(0, g.vector());
        assertEquals(Guest.CODE, g.vcpu.rip());
    }

    @Test void signedDivisionTruncates() {
        g.set(RAX, -7).set(RBX, 2).ok("48 99 48 f7 fb");
        assertEquals(-3, g.reg(RAX));
        assertEquals(-1, g.reg(RDX));
    }

    @Test void bitStringsReachBackwards() {
        g.set(RBX, Guest.DATA).set(RCX, -65).ok("48 0f ab 0b");
        assertEquals(Long.MIN_VALUE, Raw.get64(g.host(Guest.DATA - 16)));
        g.set(RCX, 64 * 5 + 3).ok("f0 48 0f bb 0b");
        assertEquals(8, Raw.get64(g.host(Guest.DATA + 40)));
    }

    @Test void compareExchangeReportsWhatItFound() {
        Raw.put64(g.host(Guest.DATA), 7);
        g.set(RAX, 8).set(RBX, Guest.DATA).set(RCX, 9).ok("f0 48 0f b1 0b");
        assertEquals(7, g.reg(RAX));
        assertEquals(7, Raw.get64(g.host(Guest.DATA)));
        g.ok("f0 48 0f b1 0b");
        assertEquals(9, Raw.get64(g.host(Guest.DATA)));
        assertEquals("PZ", g.flags());
    }

    @Test void sixteenBytesAreExchangedAligned() {
        g.set(RSI, Guest.DATA).set(RAX, 0).set(RDX, 0).set(RBX, 5).set(RCX, 6).ok("f0 48 0f c7 0e");
        assertEquals(5, Raw.get64(g.host(Guest.DATA)));
        assertEquals(6, Raw.get64(g.host(Guest.DATA + 8)));
        g.set(RSI, Guest.DATA + 8);
        assertEquals(Exit.EXCEPTION, g.run("48 0f c7 0e"));
        assertEquals(13, g.vector());
    }

    @Test void popIntoMemoryByRspUsesTheNewPointer() {
        g.ok("68 44 33 22 11 68 88 77 66 55 8f 04 24");
        assertEquals(0x55667788, Raw.get64(g.host(Guest.STACK - 8)));
        assertEquals(Guest.STACK - 8, g.reg(RSP));
    }

    @Test void pushRspPushesTheOldValue() {
        g.ok("54 58");
        assertEquals(Guest.STACK, g.reg(RAX));
    }

    @Test void enterAndLeaveNest() {
        g.set(5, 0x1234).ok("c8 20 00 00 c9");
        assertEquals(Guest.STACK, g.reg(RSP));
        assertEquals(0x1234, g.reg(5));
    }

    @Test void aFaultLeavesEverythingAsItWas() {
        g.set(RAX, 0x4000_0000).set(RBX, 1);
        assertEquals(Exit.EXCEPTION, g.run("48 ff c3 48 01 18"));
        assertEquals(14, g.vector());
        assertEquals(6, g.vcpu.get32(VcpuContext.EXIT_ERROR));
        assertEquals(0x4000_0000, g.vcpu.get64(VcpuContext.EXIT_CR2));
        assertEquals(Guest.CODE + 3, g.vcpu.rip());
        assertEquals(2, g.reg(RBX));
        assertEquals(1, g.vcpu.retired());
    }

    @Test void nonCanonicalStackAccessesAreStackFaults() {
        g.set(RBX, 0x8000_0000_0000_0000L);
        assertEquals(Exit.EXCEPTION, g.run("48 8b 03"));
        assertEquals(13, g.vector());
        g.set(5, 0x8000_0000_0000_0000L);
        assertEquals(Exit.EXCEPTION, g.run("48 8b 45 00"));
        assertEquals(12, g.vector());
    }

    @Test void privilegedInstructionsNameTheirOperands() {
        assertEquals(Exit.PRIVILEGED, g.run("0f 20 df"));
        assertEquals(PrivilegedOp.READ_CR.ordinal(), g.vcpu.get32(VcpuContext.EXIT_OP));
        assertEquals(7 | 3 << 8 | 8 << 24, g.vcpu.get32(VcpuContext.EXIT_OPERAND));
        assertEquals(3, g.vcpu.get32(VcpuContext.EXIT_LENGTH));
        assertEquals(Exit.PRIVILEGED, g.run("e6 80"));
        assertEquals(PrivilegedOp.OUT.ordinal(), g.vcpu.get32(VcpuContext.EXIT_OP));
        assertEquals(0x80 << 8 | 1 << 24, g.vcpu.get32(VcpuContext.EXIT_OPERAND));
        assertEquals(Exit.SOFTWARE_INTERRUPT, g.run("cd 82"));
        assertEquals(0x82, g.vector());
        assertEquals(Exit.EXCEPTION, g.run("cc"));
        assertEquals(3, g.vector());
        assertEquals(Guest.CODE + 1, g.vcpu.rip());
    }

    @Test void popfLeavesTheInterruptFlagAlone() {
        g.set(RAX, 0x3fced5).ok("50 9d 9c 5b");
        assertEquals(0x244ed7 & ~0x202 | 0x202, g.reg(RBX));
    }

    @Test void segmentLoadsAskTheCore() {
        g.descriptors[4] = 0x00cf_f300_0000_ffffL;
        g.descriptors[5] = 0x12cf_7334_5678_ffffL;
        g.set(RAX, 0x23).ok("8e d8");
        assertEquals(0x23, g.vcpu.selector(VcpuContext.DS));
        g.set(RAX, 0x2b);
        assertEquals(Exit.EXCEPTION, g.run("8e e8"));
        assertEquals(11, g.vector());
        g.descriptors[5] |= 0x8000_0000_0000L;
        g.set(RAX, 0x2b).ok("8e e8");
        assertEquals(0x1234_5678, g.vcpu.get64(VcpuContext.GS_BASE));
        g.set(RAX, 0x33);
        assertEquals(Exit.EXCEPTION, g.run("8e e0"));
        assertEquals(0x30, g.vcpu.get32(VcpuContext.EXIT_ERROR));
    }

    @Test void aFarReturnGoesToCompatibilityModeAndBack() {
        g.descriptors[4] = 0x00cf_fb00_0000_ffffL;
        g.descriptors[6] = 0x00af_fb00_0000_ffffL;
        // push 0x23; push next; retfq; inc eax (32-bit: one byte); jmp far 0x33:next; dec eax
        g.set(RAX, 0).ok("6a 23 68 09 00 40 00 48 cb 40 ea 11 00 40 00 33 00 ff c0");
        assertEquals(2, g.reg(RAX));
        assertEquals(0x33, g.vcpu.selector(VcpuContext.CS));
        assertEquals(true, g.vcpu.longMode());
    }
}
