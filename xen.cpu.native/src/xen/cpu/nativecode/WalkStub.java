package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import java.util.ArrayList;
import java.util.List;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.mmu.Tlb;

/**
 * The page walk of emitted code: what {@code PageWalker} and {@code GuestAccess.enter} do for a page that is there, allowed, small, and whose accessed
 * (for a store also dirty) bits are set already. Everything else is "no", and tier 0 finds out why.
 *
 * <p>Called behind a TLB check that failed: R10 = linear address, R9 = page of its last byte with the tag, R11 = the TLB entry. Comes back with
 * "equal" when that entry now allows the access, all three kept; else "not equal". Every address it reads is a table's in machine memory, checked
 * against the memory's size, plus an index of 9 bits.
 */
final class WalkStub {
    private static final int[] SAVED = {RAX, RCX, RDX, RDI};
    /** From RSP here to the frame: what is saved and the return address. */
    private static final int UP = 8 * SAVED.length + 8;
    private static final int P = 1, RW = 2, US = 4, ACCESSED = 0x20, DIRTY = 0x40, LARGE = 0x80;

    private final Assembler a;
    private final List<Long> no = new ArrayList<>(), unequal = new ArrayList<>();

    private WalkStub(Assembler a) { this.a = a; }

    /** @param access {@link Tlb#READ}, {@link Tlb#WRITE} or {@link Tlb#EXECUTE} */
    static void emit(Assembler a, int access) { new WalkStub(a).emit(access); }

    private void emit(int access) {
        for (int r : SAVED) {
            a.push(r);
        }
        a.load(RCX, RSP, UP + Frame.OUTSIDE);
        checkAddress();
        if (access == Tlb.EXECUTE) {
            // kernel mode's right to execute in the lower half is tier 0's to give
            long other = inLowerHalfOfKernel();
            no.add(a.jmp());
            patch(other, a.at);
        }
        a.load(RDX, RCX, EngineFrame.ROOT);
        a.rr(true, 0x85, RDX, RDX);
        no.add(a.jcc(E));
        // rights of all levels so far; bit 63: may be executed
        a.movImm(RDI, Long.MIN_VALUE | RW | US);
        for (int shift = 39; shift > 12; shift -= 9) {
            entry(shift, P | ACCESSED | LARGE, P | ACCESSED);
            rightsAndAddress();
        }
        int used = P | US | ACCESSED | (access == Tlb.WRITE ? RW | DIRTY : 0);
        entry(12, used, used);
        rightsAndAddress();
        require(access == Tlb.WRITE ? RW | US : US);
        fill();
        a.rm(true, 0x3b, R9, R11, access);
        long end = a.jmp();
        no.forEach(p -> patch(p, a.at));
        // RSP is not 0: "not equal"
        a.rr(true, 0x85, RSP, RSP);
        patch(end, a.at);
        unequal.forEach(p -> patch(p, a.at));
        for (int i = SAVED.length - 1; i >= 0; i--) {
            a.pop(SAVED[i]);
        }
        a.b(0xc3);
    }

    /** Not across two pages, and canonical. */
    private void checkAddress() {
        a.mov(RAX, R10);
        a.alu(4, true, RAX, -4096);
        a.rm(true, 0x0b, RAX, RSP, UP + Frame.TAG);
        a.rr(true, 0x3b, RAX, R9);
        unequal.add(a.jcc(NE));
        a.mov(RAX, R10);
        a.shiftArithmetic(RAX, 47);
        a.alu(0, true, RAX, 1);
        a.alu(7, true, RAX, 1);
        unequal.add(a.jcc(A));
    }

    /** RAX = the entry for R10 of the table at RDX, which has {@code want} of the bits {@code mask}. */
    private void entry(int shift, int mask, int want) {
        a.mov(RAX, R10);
        a.shiftRight(true, RAX, shift - 3);
        a.alu(4, false, RAX, 511 << 3);
        a.rr(true, 0x03, RDX, RAX);
        a.load(RAX, RDX, 0);
        a.mov32(RDX, RAX);
        a.alu(4, false, RDX, mask);
        a.alu(7, false, RDX, want);
        unequal.add(a.jcc(NE));
    }

    /** Adds the entry's rights to RDI; RDX = host address of the frame it names, which is the machine's. */
    private void rightsAndAddress() {
        // BTC RAX, 63
        for (int b : new int[] {0x48, 0x0f, 0xba, 0xf8, 63}) {
            a.b(b);
        }
        a.rr(true, 0x23, RDI, RAX);
        a.mov(RDX, RAX);
        a.shiftLeft(true, RDX, 12);
        a.shiftRight(true, RDX, 24);
        a.shiftLeft(true, RDX, 12);
        a.rm(true, 0x3b, RDX, RCX, EngineFrame.MEMORY_BYTES);
        no.add(a.jcc(AE));
        a.rm(true, 0x03, RDX, RCX, EngineFrame.MEMORY);
    }

    private void require(int rights) {
        // RDI's high bit is the right to execute, so its low half only
        a.push(RDI);
        a.alu(4, false, RDI, rights);
        a.alu(7, false, RDI, rights);
        a.pop(RDI);
        unequal.add(a.jcc(NE));
    }

    /** The TLB entry for the page at host address RDX; RAX is the leaf. A frame with decoded code gets no right to write. */
    private void fill() {
        a.storeImm(R11, Tlb.WRITE, -1);
        a.storeImm(R11, Tlb.EXECUTE, -1);
        a.store(R11, Tlb.READ, R9);
        note(RDX, 12, Tlb.FRAMES - 1, Tlb.LEADS);
        long other = inLowerHalfOfKernel();
        note(R10, 12, Tlb.ENTRIES - 1, Tlb.LOW);
        long low = a.jmp();
        patch(other, a.at);
        a.rr(true, 0x85, RDI, RDI);
        long never = a.jcc(NS);
        a.store(R11, Tlb.EXECUTE, R9);
        note(R10, 12, Tlb.PAGES - 1, Tlb.EXECUTED);
        patch(never, a.at);
        patch(low, a.at);
        // what is left of the rights, and dirty already
        a.shiftRight(false, RAX, 5);
        a.rr(false, 0x23, RAX, RDI);
        a.alu(4, false, RAX, RW);
        a.mov(RDI, RDX);
        a.rm(true, 0x2b, RDI, RCX, EngineFrame.MEMORY);
        a.shiftRight(true, RDI, 12);
        a.rm(true, 0x03, RDI, RCX, EngineFrame.CODE_MAP);
        a.push(RAX);
        a.mov(RAX, R9);
        a.alu(4, true, RAX, -4096);
        a.rr(true, 0x2b, RDX, RAX);
        a.store(R11, Tlb.ADDEND, RDX);
        a.pop(RAX);
        a.rr(false, 0x85, RAX, RAX);
        long readOnly = a.jcc(E);
        byteAtRdi();
        long code = a.jcc(NE);
        a.store(R11, Tlb.WRITE, R9);
        a.aluMem(7, true, RCX, EngineFrame.CONCURRENT, 0);
        long alone = a.jcc(E);
        // another CPU that decodes this frame publishes that first and then looks for this entry: one of us sees the other
        a.mfence();
        byteAtRdi();
        long still = a.jcc(E);
        a.storeImm(R11, Tlb.WRITE, -1);
        for (long p : new long[] {readOnly, code, alone, still}) {
            patch(p, a.at);
        }
    }

    /** A jump taken unless R9 is a page of the lower half with a tag of kernel mode, an odd one; RAX is kept, flags are not. */
    private long inLowerHalfOfKernel() {
        a.push(RAX);
        a.mov(RAX, R9);
        // ROR RAX, 1; SAR RAX, 62: bits 0 and 63 of R9
        for (int b : new int[] {0x48, 0xd1, 0xc8, 0x48, 0xc1, 0xf8, 62}) {
            a.b(b);
        }
        a.alu(7, true, RAX, -2);
        a.pop(RAX);
        return a.jcc(NE);
    }

    /** Sets the byte of the area at {@code offset} behind the TLB for {@code register >>> shift & mask}; flags are lost. */
    private void note(int register, int shift, int mask, int offset) {
        a.push(RAX);
        a.mov(RAX, register);
        a.shiftRight(true, RAX, shift);
        a.alu(4, false, RAX, mask);
        a.rm(true, 0x03, RAX, RSP, UP + 8 + Frame.TLB);
        // MOV byte [RAX + offset], 1
        a.b(0xc6);
        a.b(0x80);
        a.d(offset);
        a.b(1);
        a.pop(RAX);
    }

    /** CMP byte [RDI], 0. */
    private void byteAtRdi() {
        a.b(0x80);
        a.b(0x3f);
        a.b(0);
    }
}
