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
import java.util.function.IntConsumer;
import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.engine.CodeBlock;
import xen.hw.x86smp.mmu.Tlb;
import xen.kernel.api.hw.VcpuContext;

/**
 * Writes the class of one region. Its method loads the registers that the region names, runs block by block, each with a budget check in
 * front, and leaves through one tail that stores what the region may have changed. An exit stands in front of an instruction that has
 * not changed anything yet.
 */
final class RegionWriter {
    /** Bytes of class file whose method is certainly below what the JVM compiles. */
    static final int LONGEST = 8600;
    private static final ClassDesc REGION = ClassDesc.of(Region.class.getName()), BLOCK = ClassDesc.of(CodeBlock.class.getName());
    private static final ClassDesc REGISTERS = ClassDesc.of(Registers.class.getName());

    private final BytecodeTranslator owner;
    private final Shape shape;
    private final Fresh fresh;
    /** The guest's state is in locals, which exits store; otherwise it stays in {@link Registers}. */
    private final boolean locals;
    private final Map<CodeBlock, Label> labels = new HashMap<>();
    private final Map<CodeBlock, Map<Integer, Label>> exits = new HashMap<>();
    private Code c;
    private FlagCode flags;
    private Memory memory;
    private IntegerCode integers;
    private VectorCode vectors;
    private Label tail;

    RegionWriter(BytecodeTranslator owner, Fresh fresh) {
        this.owner = owner;
        this.fresh = fresh;
        shape = fresh.shape();
        locals = fresh.kind() == Kind.Hot;
    }

    byte[] write() {
        return ClassFile.of().build(ClassDesc.of(RegionWriter.class.getPackageName() + "." + fresh.kind()), k -> k.withFlags(ClassFile.ACC_FINAL).withSuperclass(REGION)
                .withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, 0, m -> m.aload(0)
                        .invokespecial(REGION, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void).return_())
                .withMethodBody("run", MethodTypeDesc.of(ConstantDescs.CD_int, REGISTERS, ConstantDescs.CD_int), ClassFile.ACC_PUBLIC, this::method));
    }

    private void method(CodeBuilder b) {
        c = new Code(b, fresh.concurrent(), locals);
        flags = new FlagCode(c, shape);
        memory = new Memory(c, this, fresh.kind());
        integers = new IntegerCode(c, flags, memory, this);
        vectors = new VectorCode(c, flags, memory);
        tail = c.label();
        shape.blocks.forEach(x -> labels.put(x, c.label()));
        enter();
        for (CodeBlock x : shape.blocks) {
            block(x);
            exitsOf(x);
        }
        if (locals) {
            leave();
        }
    }

    private void enter() {
        c.begin(Code.FILE);
        c.begin(Code.PAGE);
        // set once, so that all merges have the same locals
        c.b.iconst_0().istore(Code.EXIT).iconst_0().istore(Code.N);
        for (int local : new int[] {Code.VA, Code.ENTRY, Code.HOST, Code.T, Code.U, Code.A, Code.B}) {
            c.b.lconst_0().lstore(local);
        }
        c.fill(Code.TLB);
        c.fill(Code.TAG);
        load();
        CodeBlock first = shape.blocks.getFirst();
        if (shape.vectors) {
            // the FPU is not the guest's now: tier 0 raises #NM
            Label mine = c.label();
            c.plus(Code.FILE, VcpuContext.TASK_SWITCHED);
            c.get(4, false);
            c.b.lconst_0().lcmp().ifeq(mine);
            Map<CodeBlock, Label> refused = new HashMap<>();
            fresh.ways().forEach(e -> refused.put(e.block, c.label()));
            dispatch(first, refused);
            refused.forEach((x, label) -> {
                c.at(label);
                charge(x);
                c.b.goto_(exit(x, 0));
            });
            c.at(mine);
        }
        dispatch(first, labels);
    }

    /** Goes where the entry wants. */
    private void dispatch(CodeBlock first, Map<CodeBlock, Label> to) {
        List<SwitchCase> ways = fresh.ways().stream().filter(e -> e.at > 0 && labels.containsKey(e.block)).map(e -> SwitchCase.of(e.at, to.get(e.block))).toList();
        if (ways.isEmpty()) {
            c.b.goto_(to.get(first));
        } else {
            c.b.iload(Code.AT).tableswitch(to.get(first), ways);
        }
    }

    private static void registers(int general, int vectors, IntConsumer what) {
        for (int r = 0; r < 16; r++) {
            if ((general >>> r & 1) != 0) {
                what.accept(Code.gpr(r));
            }
        }
        for (int x = 0; x < 16; x++) {
            if ((vectors >>> x & 1) != 0) {
                what.accept(Code.low(x));
                what.accept(Code.high(x));
            }
        }
    }

    private void charge(CodeBlock x) {
        c.load(Code.BUDGET);
        c.constant((long) x.insns.length);
        c.b.lsub();
        c.store(Code.BUDGET);
    }

    private void block(CodeBlock x) {
        c.at(labels.get(x));
        if (x.secondPage != 0) {
            Label gone = c.label(), there = c.label();
            memory.executes(shape.page(x) + 1, x.secondPage, gone);
            c.b.goto_(there);
            c.at(gone);
            leaveTo(x, shape.offset(x));
            c.at(there);
        }
        charge(x);
        c.load(Code.BUDGET);
        c.b.lconst_0().lcmp().iflt(exit(x, 0));
        flags.begin(x);
        int off = shape.offset(x), n = shape.covered(x);
        for (int k = 0; k < n; k++) {
            Insn i = x.insns[k];
            off += i.length;
            memory.at(x, k, off);
            if (i.terminates()) {
                terminator(x, i, k, off);
                return;
            }
            if (Coverage.stepped(i)) {
                step(x, k, off);
            } else if (Coverage.vector(i)) {
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
            if (k >= 0 && shape.page(x) != 0) {
                c.plus(Code.PAGE, (long) shape.page(x) << 12);
                c.toField(Code.PAGE);
            }
            c.constant(k < 0 ? ~id : id);
            if (locals) {
                c.b.istore(Code.EXIT).goto_w(tail);
            } else {
                c.b.ireturn();
            }
        });
        exits.remove(x);
    }

    /** What a region keeps in locals, from and to the fields. */
    private void load() {
        c.fill(Code.BUDGET);
        flags.read();
        registers(shape.used, shape.usedVectors, c::fill);
    }

    private void save() {
        registers(shape.written, shape.writtenVectors, c::spill);
        c.spillKind();
        for (int local : new int[] {Code.BUDGET, Code.FR, Code.FA, Code.FB}) {
            c.spill(local);
        }
    }

    private void leave() {
        c.at(tail);
        save();
        c.b.iload(Code.EXIT).ireturn();
    }

    /** Instruction {@code k} is tier 0's; {@code next} is the place behind it. */
    private void step(CodeBlock x, int k, int next) {
        Label again = exit(x, k), done = c.label();
        boolean elsewhere = shape.page(x) != 0;
        save();
        if (elsewhere) {
            c.plus(Code.PAGE, (long) shape.page(x) << 12);
            c.toField(Code.PAGE);
        }
        c.b.aload(Code.STATE);
        pushBlock(x);
        c.constant(k);
        c.b.invokevirtual(REGISTERS, "step", MethodTypeDesc.of(ConstantDescs.CD_int, BLOCK, ConstantDescs.CD_int)).istore(Code.N);
        load();
        if (elsewhere) {
            c.load(Code.PAGE);
            c.toField(Code.PAGE);
        }
        c.b.iload(Code.N).ifeq(done);
        c.b.iload(Code.N).iflt(again);
        c.load(Code.BUDGET);
        c.constant((long) x.insns.length - k - 1);
        c.b.ladd();
        c.store(Code.BUDGET);
        leaveTo(x, next);
        c.at(done);
    }

    private void pushBlock(CodeBlock x) {
        c.b.aload(0).getfield(REGION, "blocks", BLOCK.arrayType());
        c.constant(shape.blocks.indexOf(x));
        c.b.aaload();
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

    /** Goes to a place. */
    private void jump(CodeBlock x, int off) {
        CodeBlock to = shape.byOffset.get(off);
        if (to != null) {
            Label out = c.label();
            if (shape.page(to) != shape.page(x)) {
                enterPage(to, out);
            }
            c.b.goto_(labels.get(to));
            if (shape.page(to) == shape.page(x)) {
                return;
            }
            c.at(out);
        }
        leaveTo(x, off);
    }

    private void leaveTo(CodeBlock x, int off) {
        c.plus(Code.PAGE, off);
        c.toField("rip");
        c.b.goto_(exit(x, -1));
    }

    /** From another page into the one of {@code to}: goes to {@code out} unless that code is still there. */
    private void enterPage(CodeBlock to, Label out) {
        pushBlock(to);
        c.b.getfield(BLOCK, "valid", ConstantDescs.CD_boolean).ifeq(out);
        memory.executes(shape.page(to), to.host() - to.off, out);
    }

    /** Goes to the address in T: a return first tries the calls of this region, a jump or call the blocks that nothing else leads to. */
    private void indirect(CodeBlock x, boolean isReturn) {
        List<Integer> sites = isReturn ? shape.returnSites() : shape.targets;
        if (!sites.isEmpty()) {
            Label out = c.label();
            c.load(Code.T);
            c.load(Code.PAGE);
            c.b.lsub();
            c.store(Code.U);
            c.load(Code.U);
            c.b.l2i().i2l();
            c.load(Code.U);
            c.b.lcmp().ifne(out);
            Map<Integer, Label> ways = new HashMap<>();
            sites.forEach(off -> ways.put(off, shape.page(shape.byOffset.get(off)) == shape.page(x) ? labels.get(shape.byOffset.get(off)) : c.label()));
            c.load(Code.U);
            c.b.l2i().lookupswitch(out, sites.stream().map(off -> SwitchCase.of(off, ways.get(off))).toList());
            sites.stream().map(shape.byOffset::get).filter(to -> shape.page(to) != shape.page(x)).forEach(to -> {
                c.at(ways.get(shape.offset(to)));
                enterPage(to, out);
                c.b.goto_(labels.get(to));
            });
            c.at(out);
        }
        c.load(Code.T);
        c.toField("rip");
        c.b.goto_(exit(x, -1));
    }
}
