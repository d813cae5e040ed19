package xen.cpu.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import xen.hw.x86smp.rules.Flags;
import xen.kernel.api.hw.Raw;
import xen.kernel.api.hw.VcpuContext;

/** The method of a region while it is written: its local variables, and the little words that the instruction writers have in common. */
final class Code {
    /** Locals: the arguments, {@link Registers} and (an int) the entry; what a region loads once, where PAGE is the page of its first block. */
    static final int STATE = 1, AT = 2, FILE = 3, TLB = 5, TAG = 7, PAGE = 9, BUDGET = 11;
    /** Locals: lazy flags (kind is an int); result, operands. */
    static final int FK = 13, FR = 14, FA = 16, FB = 18;
    /** Locals: number of the exit (int); scratch. */
    static final int EXIT = 20, VA = 21, ENTRY = 23, HOST = 25, T = 27, U = 29, A = 31, B = 33, N = 35;
    /** Locals: register r is at GPR + 2 r, the halves of XMM register x are at VEC + 4 x and two behind. */
    static final int GPR = 36, VEC = GPR + 32;

    private static final ClassDesc REGISTERS = ClassDesc.of(Registers.class.getName());
    private static final ClassDesc RAW = ClassDesc.of(Raw.class.getName()), MATH = ClassDesc.of("java.lang.Math");
    private static final ClassDesc FLAGS = ClassDesc.of(Flags.class.getName());
    private static final MethodTypeDesc J_I = MethodTypeDesc.ofDescriptor("(J)I"), J_J = MethodTypeDesc.ofDescriptor("(J)J"),
            JI_V = MethodTypeDesc.ofDescriptor("(JI)V"), JJ_V = MethodTypeDesc.ofDescriptor("(JJ)V"), V = MethodTypeDesc.ofDescriptor("()V");

    final CodeBuilder b;
    /** Accesses keep the order that x86 promises to other CPUs. */
    private final boolean ordered;
    /** The guest's state is in locals; otherwise it stays in {@link Registers}, and XMM registers in the register file. */
    private final boolean locals;

    Code(CodeBuilder b, boolean ordered, boolean locals) {
        this.b = b;
        this.ordered = ordered;
        this.locals = locals;
    }

    static int gpr(int r) { return GPR + 2 * r; }

    static int low(int x) { return VEC + 4 * x; }

    static int high(int x) { return low(x) + 2; }

    void constant(long v) { b.loadConstant(v); }

    void constant(int v) { b.loadConstant(v); }

    /** Name of the field of {@link Registers} that a local is of, or null. */
    private static String field(int local) {
        return switch (local) {
            case FILE -> "file";
            case TLB -> "tlb";
            case TAG -> "tag";
            case PAGE -> "page";
            case BUDGET -> "budget";
            case FR -> "fr";
            case FA -> "fa";
            case FB -> "fb";
            default -> local >= GPR && local < VEC ? Registers.GENERAL + (local - GPR) / 2 : null;
        };
    }

    private boolean inField(int local) { return !locals && local != FILE && local != PAGE && field(local) != null; }

    private static long vector(int local) { return VcpuContext.VEC + (long) VcpuContext.VEC_STRIDE * ((local - VEC) / 4) + (local - VEC & 2) * 4; }

    void load(int local) {
        if (inField(local)) {
            fetch(local);
        } else if (!locals && local >= VEC) {
            get64(FILE, vector(local));
        } else {
            b.lload(local);
        }
    }

    void store(int local) {
        if (inField(local)) {
            toField(local);
        } else if (!locals && local >= VEC) {
            plus(FILE, vector(local));
            b.dup2_x2().pop2();
            put64();
        } else {
            b.lstore(local);
        }
    }

    /** Stores and leaves the value on the stack. */
    void keep(int local) {
        b.dup2();
        store(local);
    }

    /** Local from field, if there are locals. */
    void fill(int local) {
        if (locals) {
            begin(local);
        }
    }

    /** Local from field. */
    void begin(int local) {
        if (local < VEC) {
            fetch(local);
        } else {
            get64(FILE, vector(local));
        }
        b.lstore(local);
    }

    /** Field from local, if there are locals. */
    void spill(int local) {
        if (!locals) {
            return;
        }
        if (local < VEC) {
            b.lload(local);
            toField(local);
        } else {
            plus(FILE, vector(local));
            b.lload(local);
            put64();
        }
    }

    private void fetch(int local) { b.aload(STATE).getfield(REGISTERS, field(local), ConstantDescs.CD_long); }

    /** Pops the value of a local into its field. */
    void toField(int local) { toField(field(local)); }

    void toField(String field) { b.aload(STATE).dup_x2().pop().putfield(REGISTERS, field, ConstantDescs.CD_long); }

    /** The kind of the lazy flags. */
    void flagKind(int kind) {
        if (locals) {
            b.loadConstant(kind).istore(FK);
        } else {
            b.aload(STATE).loadConstant(kind).putfield(REGISTERS, "fk", ConstantDescs.CD_int);
        }
    }

    void flagKind() {
        if (locals) {
            b.iload(FK);
        } else {
            b.aload(STATE).getfield(REGISTERS, "fk", ConstantDescs.CD_int);
        }
    }

    void fillKind() {
        if (locals) {
            b.aload(STATE).getfield(REGISTERS, "fk", ConstantDescs.CD_int).istore(FK);
        }
    }

    void spillKind() {
        if (locals) {
            b.aload(STATE).iload(FK).putfield(REGISTERS, "fk", ConstantDescs.CD_int);
        }
    }

    /** Pushes {@code local + offset}. */
    void plus(int local, long offset) {
        load(local);
        if (offset != 0) {
            b.loadConstant(offset).ladd();
        }
    }

    void get64() { b.invokestatic(RAW, "get64", J_J); }

    void put64() { b.invokestatic(RAW, "put64", JJ_V); }

    /** Pushes the 8 bytes at {@code local + offset}. */
    void get64(int local, long offset) {
        plus(local, offset);
        get64();
    }

    /** Pops an address, pushes what is there, extended to 64 bits. */
    void get(int size, boolean signed) {
        switch (size) {
            case 1 -> {
                b.invokestatic(RAW, "get8", J_I);
                if (signed) {
                    b.i2b();
                }
                b.i2l();
            }
            case 2 -> {
                b.invokestatic(RAW, "get16", J_I);
                if (signed) {
                    b.i2s();
                }
                b.i2l();
            }
            case 4 -> {
                if (signed) {
                    b.invokestatic(RAW, "get32", J_I).i2l();
                } else {
                    b.invokestatic(RAW, "getU32", J_J);
                }
            }
            default -> get64();
        }
    }

    /** Pops address and value. */
    void put(int size) {
        switch (size) {
            case 1 -> b.l2i().invokestatic(RAW, "put8", JI_V);
            case 2 -> b.l2i().invokestatic(RAW, "put16", JI_V);
            case 4 -> b.l2i().invokestatic(RAW, "put32", JI_V);
            default -> put64();
        }
    }

    /** Between two accesses to guest memory. */
    void order() {
        if (ordered) {
            b.invokestatic(RAW, "order", V);
        }
    }

    /** Sign-extends the value on the stack from its size. */
    void signed(int size) {
        switch (size) {
            case 1 -> b.l2i().i2b().i2l();
            case 2 -> b.l2i().i2s().i2l();
            case 4 -> b.l2i().i2l();
            default -> { }
        }
    }

    void unsigned(int size) {
        if (size < 8) {
            b.loadConstant((1L << 8 * size) - 1).land();
        }
    }

    void math(String name, String descriptor) { b.invokestatic(MATH, name, MethodTypeDesc.ofDescriptor(descriptor)); }

    void longs(String name, String descriptor) { b.invokestatic(ConstantDescs.CD_Long, name, MethodTypeDesc.ofDescriptor(descriptor)); }

    void integers(String name, String descriptor) { b.invokestatic(ConstantDescs.CD_Integer, name, MethodTypeDesc.ofDescriptor(descriptor)); }

    /** A method of {@link PartialFlags}. */
    void partial(String name, String descriptor) { helper(PartialFlags.class, name, descriptor); }

    /** A method of {@link Flags}. */
    void flags(String name, String descriptor) { b.invokestatic(FLAGS, name, MethodTypeDesc.ofDescriptor(descriptor)); }

    void helper(Class<?> in, String name, String descriptor) {
        b.invokestatic(ClassDesc.of(in.getName()), name, MethodTypeDesc.ofDescriptor(descriptor));
    }

    Label label() { return b.newLabel(); }

    void at(Label l) { b.labelBinding(l); }
}
