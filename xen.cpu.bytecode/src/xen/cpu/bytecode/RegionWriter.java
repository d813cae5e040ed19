package xen.cpu.bytecode;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.engine.EngineFrame;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/**
 * Writes the class of one region. Its method loads the registers that the region names, runs block by block, each with a budget check in
 * front, and leaves through one tail that stores what the region may have changed. An exit stands in front of an instruction that has
 * not changed anything yet.
 */
final class RegionWriter {
    /** Bytes of class file whose method is certainly below what the JVM compiles. */
    static final int LONGEST = 8600;
    private static final ClassDesc THIS = ClassDesc.of(RegionWriter.class.getPackageName() + ".Translated");
    private static final ClassDesc REGION = ClassDesc.of(Region.class.getName());

    private final BytecodeTranslator owner;
    private final Shape shape;
    private final Map<CodeBlock, Label> labels = new HashMap<>();
    private final Map<CodeBlock, Map<Integer, Label>> exits = new HashMap<>();
    private Code c;
    private FlagCode flags;
    private Memory memory;
    private IntegerCode integers;
    private VectorCode vectors;
    private Label tail;

    RegionWriter(BytecodeTranslator owner, Shape shape) {
        this.owner = owner;
        this.shape = shape;
    }

    byte[] write() {
        return ClassFile.of().build(THIS, k -> k.withFlags(ClassFile.ACC_FINAL).withSuperclass(REGION)
                .withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, 0, m -> m.aload(0)
                        .invokespecial(REGION, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void).return_())
                .withMethodBody("run", MethodTypeDesc.ofDescriptor("(J)I"), ClassFile.ACC_PUBLIC, this::method));
    }

    private void method(CodeBuilder b) {
        c = new Code(b, true);
        flags = new FlagCode(c, shape);
        memory = new Memory(c, this);
        integers = new IntegerCode(c, flags, memory, this);
        vectors = new VectorCode(c, flags, memory);
        tail = c.label();
        shape.blocks.forEach(x -> labels.put(x, c.label()));
        enter();
        for (CodeBlock x : shape.blocks) {
            block(x);
            exitsOf(x);
        }
        leave();
    }

    private void enter() {
        c.get64(Code.FRAME, EngineFrame.FILE);
        c.store(Code.FILE);
        c.get64(Code.FRAME, EngineFrame.TLB);
        c.store(Code.TLB);
        c.get64(Code.FRAME, EngineFrame.TAG);
        c.store(Code.TAG);
        c.get64(Code.FRAME, EngineFrame.PAGE);
        c.store(Code.PAGE);
        c.get64(Code.FRAME, EngineFrame.BUDGET);
        c.store(Code.BUDGET);
        c.get64(Code.FRAME, BytecodeTranslator.FK);
        c.b.l2i().istore(Code.FK);
        c.get64(Code.FRAME, BytecodeTranslator.FR);
        c.store(Code.FR);
        c.get64(Code.FRAME, BytecodeTranslator.FA);
        c.store(Code.FA);
        c.get64(Code.FRAME, BytecodeTranslator.FB);
        c.store(Code.FB);
        // set once, so that all merges have the same locals
        c.b.iconst_0().istore(Code.EXIT).iconst_0().istore(Code.N);
        for (int local : new int[] {Code.VA, Code.ENTRY, Code.HOST, Code.T, Code.U}) {
            c.b.lconst_0().lstore(local);
        }
        for (int r = 0; r < 16; r++) {
            if ((shape.used >>> r & 1) != 0) {
                c.get64(Code.FILE, Coverage.slot(r));
                c.store(Code.gpr(r));
            }
        }
        for (int x = 0; x < 16; x++) {
            if ((shape.usedVectors >>> x & 1) != 0) {
                c.get64(Code.FILE, vector(x));
                c.store(Code.low(x));
                c.get64(Code.FILE, vector(x) + 8);
                c.store(Code.high(x));
            }
        }
        CodeBlock first = shape.blocks.getFirst();
        if (shape.vectors) {
            // the FPU is not the guest's now: tier 0 raises #NM
            Label mine = c.label();
            c.plus(Code.FILE, VcpuContext.TASK_SWITCHED);
            c.get(4, false);
            c.b.lconst_0().lcmp().ifeq(mine);
            charge(first);
            c.b.goto_(exit(first, 0));
            c.at(mine);
        }
        c.b.goto_(labels.get(first));
    }

    private static long vector(int x) { return VcpuContext.VEC + (long) VcpuContext.VEC_STRIDE * x; }

    private void charge(CodeBlock x) {
        c.load(Code.BUDGET);
        c.constant((long) x.insns.length);
        c.b.lsub();
        c.store(Code.BUDGET);
    }

    private void block(CodeBlock x) {
        c.at(labels.get(x));
        charge(x);
        c.load(Code.BUDGET);
        c.b.lconst_0().lcmp().iflt(exit(x, 0));
        flags.begin(x);
        int off = x.off, n = shape.covered(x);
        for (int k = 0; k < n; k++) {
            Insn i = x.insns[k];
            off += i.length;
            memory.at(x, k, off);
            if (i.terminates()) {
                terminator(x, i, k, off);
                return;
            }
            if (Coverage.vector(i)) {
                vectors.emit(i);
            } else if (!Coverage.nothing(i)) {
                integers.emit(i, k, off);
            }
        }
        if (n < x.insns.length) {
            c.b.goto_(exit(x, n));
        } else {
            jump(x, off);
        }
    }

    /** Where code leaves in front of instruction {@code k}. */
    Label exit(CodeBlock x, int k) { return exits.computeIfAbsent(x, y -> new HashMap<>()).computeIfAbsent(k, y -> c.label()); }

    private void exitsOf(CodeBlock x) {
        exits.getOrDefault(x, Map.of()).forEach((k, label) -> {
            c.at(label);
            int id = owner.newExit(x, k);
            c.constant(k < 0 ? ~id : id);
            c.b.istore(Code.EXIT).goto_w(tail);
        });
        exits.remove(x);
    }

    private void leave() {
        c.at(tail);
        for (int r = 0; r < 16; r++) {
            if ((shape.written >>> r & 1) != 0) {
                c.plus(Code.FILE, Coverage.slot(r));
                c.load(Code.gpr(r));
                c.put64();
            }
        }
        for (int x = 0; x < 16; x++) {
            if ((shape.writtenVectors >>> x & 1) != 0) {
                c.plus(Code.FILE, vector(x));
                c.load(Code.low(x));
                c.put64();
                c.plus(Code.FILE, vector(x) + 8);
                c.load(Code.high(x));
                c.put64();
            }
        }
        c.plus(Code.FRAME, EngineFrame.BUDGET);
        c.load(Code.BUDGET);
        c.put64();
        c.plus(Code.FRAME, BytecodeTranslator.FK);
        c.b.iload(Code.FK).i2l();
        c.put64();
        c.plus(Code.FRAME, BytecodeTranslator.FR);
        c.load(Code.FR);
        c.put64();
        c.plus(Code.FRAME, BytecodeTranslator.FA);
        c.load(Code.FA);
        c.put64();
        c.plus(Code.FRAME, BytecodeTranslator.FB);
        c.load(Code.FB);
        c.put64();
        c.b.iload(Code.EXIT).ireturn();
    }

    // Control flow

    private void terminator(CodeBlock x, Insn i, int k, int off) {
        if (Coverage.jcc(i)) {
            Label taken = c.label();
            flags.branch(i.opcode & 15, taken);
            jump(x, off);
            c.at(taken);
            jump(x, off + (int) i.imm);
            return;
        }
        switch (i.op) {
            case JMP -> {
                if (i.k0 == Insn.REL) {
                    jump(x, off + (int) i.imm);
                } else {
                    target(x, i, k);
                    indirect(x, false);
                }
            }
            case CALL -> {
                if (i.k0 != Insn.REL) {
                    target(x, i, k);
                }
                memory.stackWrite();
                c.load(Code.HOST);
                c.plus(Code.PAGE, off);
                c.put64();
                c.order();
                integers.moveStack(-8);
                if (i.k0 == Insn.REL) {
                    jump(x, off + (int) i.imm);
                } else {
                    indirect(x, false);
                }
            }
            default -> {
                memory.stackRead(0);
                c.load(Code.HOST);
                c.get64();
                c.store(Code.T);
                c.order();
                canonical(x, k);
                integers.moveStack(8 + (i.operands > 0 ? i.imm & 0xffff : 0));
                indirect(x, true);
            }
        }
    }

    /** Target of an indirect branch into T, checked. */
    private void target(CodeBlock x, Insn i, int k) {
        if (i.mem >= 0) {
            memory.operand(i, Tlb.READ);
            c.load(Code.HOST);
            c.get64();
            c.order();
        } else {
            c.load(Code.gpr(i.r0));
        }
        c.store(Code.T);
        canonical(x, k);
    }

    private void canonical(CodeBlock x, int k) {
        c.load(Code.T);
        c.b.bipush(16).lshl().bipush(16).lshr();
        c.load(Code.T);
        c.b.lcmp().ifne(exit(x, k));
    }

    /** Goes to a page offset. */
    private void jump(CodeBlock x, int off) {
        CodeBlock to = shape.byOffset.get(off);
        if (to != null) {
            c.b.goto_(labels.get(to));
            return;
        }
        c.plus(Code.FRAME, EngineFrame.RIP);
        c.plus(Code.PAGE, off);
        c.put64();
        c.b.goto_(exit(x, -1));
    }

    /** Goes to the address in T: a return first tries the calls of this region, a jump or call the blocks that nothing else leads to. */
    private void indirect(CodeBlock x, boolean isReturn) {
        List<Integer> sites = isReturn ? shape.returnSites() : shape.targets;
        if (!sites.isEmpty()) {
            Label out = c.label();
            c.load(Code.T);
            c.constant(-4096L);
            c.b.land();
            c.load(Code.PAGE);
            c.b.lcmp().ifne(out);
            c.load(Code.T);
            c.b.l2i().sipush(4095).iand().lookupswitch(out, sites.stream().map(s -> SwitchCase.of(s, labels.get(shape.byOffset.get(s)))).toList());
            c.at(out);
        }
        c.plus(Code.FRAME, EngineFrame.RIP);
        c.load(Code.T);
        c.put64();
        c.b.goto_(exit(x, -1));
    }
}
