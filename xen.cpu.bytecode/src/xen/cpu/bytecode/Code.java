package xen.cpu.bytecode;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import xen.hw.x86smp.rules.Flags;
import xen.kernel.api.hw.Raw;

/** The method of a region while it is written: its local variables, and the little words that the instruction writers have in common. */
final class Code {
    /** Locals: what a region loads once. */
    static final int FRAME = 1, FILE = 3, TLB = 5, TAG = 7, PAGE = 9, BUDGET = 11;
    /** Locals: lazy flags (kind is an int); result, operands. */
    static final int FK = 13, FR = 14, FA = 16, FB = 18;
    /** Locals: number of the exit (int); scratch. */
    static final int EXIT = 20, VA = 21, ENTRY = 23, HOST = 25, T = 27, U = 29, N = 31;
    /** Locals: register r is at GPR + 2 r, the halves of XMM register x are at VEC + 4 x and two behind. */
    static final int GPR = 33, VEC = GPR + 32;

    private static final ClassDesc RAW = ClassDesc.of(Raw.class.getName()), MATH = ClassDesc.of("java.lang.Math");
    private static final ClassDesc FLAGS = ClassDesc.of(Flags.class.getName());
    private static final MethodTypeDesc J_I = MethodTypeDesc.ofDescriptor("(J)I"), J_J = MethodTypeDesc.ofDescriptor("(J)J"),
            JI_V = MethodTypeDesc.ofDescriptor("(JI)V"), JJ_V = MethodTypeDesc.ofDescriptor("(JJ)V"), V = MethodTypeDesc.ofDescriptor("()V");

    final CodeBuilder b;
    /** Accesses keep the order that x86 promises to other CPUs. */
    private final boolean ordered;

    Code(CodeBuilder b, boolean ordered) {
        this.b = b;
        this.ordered = ordered;
    }

    static int gpr(int r) { return GPR + 2 * r; }

    static int low(int x) { return VEC + 4 * x; }

    static int high(int x) { return low(x) + 2; }

    void constant(long v) { b.loadConstant(v); }

    void constant(int v) { b.loadConstant(v); }

    void load(int local) { b.lload(local); }

    void store(int local) { b.lstore(local); }

    /** Pushes {@code local + offset}. */
    void plus(int local, long offset) {
        b.lload(local);
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
