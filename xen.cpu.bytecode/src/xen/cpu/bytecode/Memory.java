package xen.cpu.bytecode;

import java.lang.classfile.Label;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/**
 * The way from a guest's memory operand to a host address in local HOST, through the machine's TLB; a miss leaves in front of the
 * instruction. And the check that code is still where it was.
 */
final class Memory {
    private final Code c;
    private final RegionWriter region;
    private final Kind kind;
    private CodeBlock block;
    private int index, next;

    Memory(Code c, RegionWriter region, Kind kind) {
        this.kind = kind;
        this.c = c;
        this.region = region;
    }

    /** What follows belongs to instruction {@code k}; {@code next} is the page offset behind it. */
    void at(CodeBlock x, int k, int next) {
        block = x;
        index = k;
        this.next = next;
    }

    /** Leaves in front of this instruction. */
    Label exit() { return region.exit(block, index); }

    /** Pushes the effective address, without segment. */
    void address(Insn i) {
        if (i.ripRelative) {
            c.plus(Code.PAGE, i.disp + next);
        } else {
            boolean any = i.base >= 0;
            if (any) {
                c.load(Code.gpr(i.base));
            }
            if (i.index >= 0) {
                c.load(Code.gpr(i.index));
                if (i.scale > 0) {
                    c.constant(i.scale);
                    c.b.lshl();
                }
                if (any) {
                    c.b.ladd();
                }
                any = true;
            }
            if (!any) {
                c.constant(i.disp);
            } else if (i.disp != 0) {
                c.constant(i.disp);
                c.b.ladd();
            }
        }
        if (i.asz == 4) {
            c.unsigned(4);
        }
    }

    /** The memory operand's host address into HOST. */
    void operand(Insn i, int tag) { operand(i, tag, i.memSize, false); }

    void operand(Insn i, int tag, int size, boolean aligned) {
        address(i);
        if (i.seg == VcpuContext.FS || i.seg == VcpuContext.GS) {
            c.get64(Code.FILE, i.seg == VcpuContext.FS ? VcpuContext.FS_BASE : VcpuContext.GS_BASE);
            c.b.ladd();
        }
        c.store(Code.VA);
        if (aligned) {
            c.load(Code.VA);
            c.constant(15L);
            c.b.land().lconst_0().lcmp().ifne(exit());
        }
        check(size, tag);
    }

    void stackRead(int disp) {
        c.plus(Code.gpr(VcpuContext.RSP), disp);
        c.store(Code.VA);
        check(8, Tlb.READ);
    }

    void stackWrite() {
        c.plus(Code.gpr(VcpuContext.RSP), -8);
        c.store(Code.VA);
        check(8, Tlb.WRITE);
    }

    void check(int size, int tag) {
        if (kind == Kind.Warm) {
            c.b.aload(Code.STATE);
            c.load(Code.VA);
            c.constant(size - 1);
            c.helper(Hit.class, tag == Tlb.READ ? "read" : "write", "(L" + Registers.class.getName().replace('.', '/') + ";JI)J");
            c.keep(Code.HOST);
            c.b.lconst_0().lcmp().ifeq(exit());
            return;
        }
        entry();
        c.plus(Code.VA, size - 1);
        c.constant(-4096L);
        c.b.land();
        c.load(Code.TAG);
        c.b.lor();
        c.get64(Code.ENTRY, tag);
        c.b.lcmp().ifne(exit());
        host();
        c.store(Code.HOST);
    }

    /** Goes to {@code out} unless the CPU has the right to execute in a page, and finds it at this host address. */
    void executes(int page, long host, Label out) {
        c.plus(Code.PAGE, (long) page << 12);
        c.store(Code.VA);
        entry();
        c.load(Code.VA);
        c.load(Code.TAG);
        c.b.lor();
        c.get64(Code.ENTRY, Tlb.EXECUTE);
        c.b.lcmp().ifne(out);
        host();
        c.constant(host);
        c.b.lcmp().ifne(out);
    }

    /** Where VA's entry of the TLB is, whether it is VA's or not. */
    private void entry() {
        c.load(Code.VA);
        c.b.bipush(Tlb.INDEX_SHIFT).lushr();
        c.constant((long) Tlb.INDEX_MASK);
        c.b.land();
        c.load(Code.TLB);
        c.b.ladd();
        c.store(Code.ENTRY);
    }

    /** Pushes VA's host address by that entry. */
    private void host() {
        c.load(Code.VA);
        c.get64(Code.ENTRY, Tlb.ADDEND);
        c.b.ladd();
    }
}
