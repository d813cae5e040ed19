package xen.hw.x86smp.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import xen.kernel.api.hw.Raw;

class DecoderTest {
    private final Raw.Area area = Raw.allocate(64);
    private final Decoder decoder = new Decoder();

    @AfterEach void free() { area.free(); }

    private Insn decode(String hex, int mode) {
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        Raw.put(area.address(), b, 0, b.length);
        return decoder.decode(area.address(), b.length, mode);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "48 01 d8                | add rax,rbx",
        "01 d8                   | add eax,ebx",
        "66 01 d8                | add ax,bx",
        "00 e3                   | add bl,ah",
        "40 00 e3                | add bl,spl",
        "44 00 e3                | add bl,r12b",
        "48 66 01 d8             | add ax,bx",
        "66 48 01 d8             | add rax,rbx",
        "48 8b 04 24             | mov rax,qword [rsp]",
        "48 8b 45 00             | mov rax,qword [rbp]",
        "49 8b 45 00             | mov rax,qword [r13]",
        "49 8b 04 24             | mov rax,qword [r12]",
        "48 8b 04 25 78 56 34 12 | mov rax,qword [0x12345678]",
        "48 8b 04 ed 10 00 00 00 | mov rax,qword [rbp*8+0x10]",
        "4a 8b 04 e0             | mov rax,qword [rax+r12*8]",
        "42 8b 44 a5 f8          | mov eax,dword [rbp+r12*4-8]",
        "67 8b 04 25 00 00 00 80 | mov eax,dword [0xffffffff80000000]",
        "67 8b 00                | mov eax,dword [eax]",
        "8b 05 10 00 00 00       | mov eax,dword [rip 0x1016]",
        "c7 05 10 00 00 00 01 00 00 00 | mov dword [rip 0x101a],1",
        "66 c7 05 10 00 00 00 01 00 | mov word [rip 0x1019],1",
        "64 48 8b 04 25 28 00 00 00 | mov rax,qword [fs:0x28]",
        "64 3e 48 8b 00          | mov rax,qword [fs:rax]",
        "48 b8 88 77 66 55 44 33 22 11 | mov rax,0x1122334455667788",
        "48 a1 88 77 66 55 44 33 22 11 | mov rax,qword [0x1122334455667788]",
        "90                      | nop",
        "41 90                   | xchg r8d,eax",
        "48 90                   | nop",
        "f3 90                   | pause",
        "eb fe                   | jmp 0x1000",
        "0f 84 00 01 00 00       | je 0x1106",
        "66 e9 00 00 00 00       | jmp 0x1006",
        "e8 fb ff ff ff          | call 0x1000",
        "ff d0                   | call rax",
        "41 57                   | push r15",
        "66 50                   | push ax",
        "6a ff                   | push -1",
        "f3 48 a5                | rep movsq",
        "f2 ae                   | repne scasb",
        "66 a5                   | movsw",
        "f0 0f b1 0f             | lock cmpxchg dword [rdi],ecx",
        "48 0f c7 0f             | cmpxchg16b oword [rdi]",
        "0f c7 0f                | cmpxchg8b qword [rdi]",
        "f3 48 0f b8 c1          | popcnt rax,rcx",
        "f2 66 0f 38 f1 c1       | crc32 eax,cx",
        "0f 38 f0 01             | movbe eax,dword [rcx]",
        "c4 e2 f8 f2 c1          | andn rax,rax,rcx",
        "c4 e2 f3 f6 c2          | mulx rax,rcx,rdx",
        "c4 e3 fb f0 c1 05       | rorx rax,rcx,5",
        "f3 0f 1e fa             | endbr64",
        "0f 1f 44 00 00          | nop dword [rax+rax]",
        "f3 48 0f ae c0          | rdfsbase rax",
        "0f 20 d8                | mov rax,cr3",
        "c8 10 00 01             | enter 0x10,1",
        "66 0f 6f c1             | movdqa xmm0,xmm1",
        "f2 0f 10 01             | movsd xmm0,qword [rcx]",
        "66 f2 0f 10 01          | movsd xmm0,qword [rcx]",
        "d9 c9                   | fxch st1",
        "48 63 c1                | movsxd rax,ecx",
        "0f 05                   | syscall",
        "62 00                   | ud",
        "0f 28 c1                | movaps xmm0,xmm1",
        "f3 0f 28 c1             | ud",
        "f0 01 d8                | ud",
        "f0 39 08                | ud",
        "06                      | ud",
        "8e c8                   | mov cs,ax",
    })
    void sixtyFourBitEncodings(String hex, String text) {
        Insn i = decode(hex, Insn.MODE_64);
        assertEquals(text, Disassembler.text(i, 0x1000));
        if (i.op != Opcode.UD) {
            assertEquals(hex.replace(" ", "").length() / 2, i.length);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "40                      | inc eax",
        "48                      | dec eax",
        "8b 05 78 56 34 12       | mov eax,dword [0x12345678]",
        "67 8b 47 10             | mov eax,dword [bx+0x10]",
        "67 8b 06 34 12          | mov eax,dword [0x1234]",
        "67 8b 42 fe             | mov eax,dword [bp+si-2]",
        "c4 07                   | les eax,fword [edi]",
        "63 c8                   | arpl ax,cx",
        "9a 78 56 34 12 23 00    | callf 0x23:0x12345678",
        "82 c0 01                | add al,1",
        "60                      | pusha",
        "a1 78 56 34 12          | mov eax,dword [0x12345678]",
        "26 8b 00                | mov eax,dword [es:eax]",
    })
    void compatibilityModeEncodings(String hex, String text) {
        assertEquals(text, Disassembler.text(decode(hex, Insn.MODE_32), 0x1000).replace("  ", " "));
    }

    @Test void anInstructionThatIsCutOffIsNotDecoded() {
        assertNull(decode("48 8b 05 10 00", Insn.MODE_64));
        assertNull(decode("48", Insn.MODE_64));
        assertNull(decode("0f", Insn.MODE_64));
        assertNull(decode("c4 e2", Insn.MODE_64));
    }

    @Test void sixteenBytesAreTooMany() {
        assertEquals(Opcode.TOO_LONG, decode("66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90 90", Insn.MODE_64).op);
        Insn longest = decode("66 66 66 66 66 66 66 66 66 66 66 66 66 66 90 90", Insn.MODE_64);
        assertEquals(Opcode.NOP, longest.op);
        assertEquals(15, longest.length);
    }

    @Test void lockNeedsALockableInstructionOnMemory() {
        assertTrue(decode("f0 01 18", Insn.MODE_64).lock);
        assertEquals(Opcode.UD, decode("f0 8b 18", Insn.MODE_64).op);
        assertEquals(Opcode.UD, decode("f0 03 18", Insn.MODE_64).op);
    }

    @Test void immediatesComeExtended() {
        assertEquals(-1, decode("48 83 c0 ff", Insn.MODE_64).imm);
        assertEquals(-2, decode("48 81 c0 fe ff ff ff", Insn.MODE_64).imm);
        assertEquals(0xfe, decode("b0 fe", Insn.MODE_64).imm);
        assertEquals(-128, decode("6b c0 80", Insn.MODE_64).imm);
    }

    @Test void theStackIsTheDefaultSegmentOfItsPointersOnly() {
        assertEquals(2, decode("8b 45 00", Insn.MODE_64).seg);
        assertEquals(3, decode("41 8b 45 00", Insn.MODE_64).seg);
        assertEquals(3, decode("8b 00", Insn.MODE_64).seg);
    }

    @Test void everyRowNamesItsOperandsOnce() {
        for (Row r : InstructionTable.rows()) {
            assertTrue(r.operandCount <= 4, r.text);
            assertFalse(r.opcode < 0, r.text);
        }
    }
}
