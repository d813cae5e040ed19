package xen.hw.x86smp.oracle;

import static xen.hw.x86smp.oracle.CpuState.RBP;
import static xen.hw.x86smp.oracle.CpuState.RBX;
import static xen.hw.x86smp.oracle.CpuState.RCX;
import static xen.hw.x86smp.oracle.CpuState.RDI;
import static xen.hw.x86smp.oracle.CpuState.RSI;
import static xen.hw.x86smp.oracle.CpuState.RSP;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes cases from shapes: one instruction with random operands and inputs, or a sequence. The
 * same seed gives the same cases, whatever the host. Used by one thread.
 */
final class CaseGenerator {
    /** {@code mov al, 5Ah}: shows whether a branch was taken. */
    private static final byte[] MARKER = {(byte) 0xB0, 0x5A};

    /** An x87 exception is raised by the next waiting instruction. */
    private static final byte[] FWAIT = {(byte) 0x9B};

    private static final int LONGEST = 15;

    private final Values v;
    private final boolean compat, strict;
    private CpuState s;
    private byte[] data;
    private Operands operands;

    CaseGenerator(long seed, boolean compat) {
        this(seed, compat, false);
    }

    /** @param strict undefined flags are compared: sequences need not define them */
    CaseGenerator(long seed, boolean compat, boolean strict) {
        this.strict = strict;
        v = new Values(new SplittableRandom(seed));
        this.compat = compat;
    }

    /**
     * A case with the instructions it is made of.
     *
     * @param cuts lengths at which the code can be cut so that all flags are defined at its end
     */
    record Generated(CpuCase test, List<RawInsn> insns, List<Integer> cuts) {
    }

    /** One instruction of this shape. */
    Generated single(Shape shape) {
        Placed made = fitting(shape);
        RawInsn i = made.insn;
        byte[] code = made.bytes;
        if (ControlFlow.isBranch(i)) {
            code = join(code, MARKER);
        } else if (v.oneIn(64) && !i.ripRelative && !fetchedInPart(i)) {
            return atPageEnd(i, code);
        }
        if (i.map == RawInsn.ONE && (i.opcode & 0xF8) == 0xD8) {
            code = join(code, FWAIT);
        }
        CaseInputs.arrange(i, s.rip + code.length, s, data, v);
        return new Generated(new CpuCase(code, compat, s, data), List.of(i), List.of());
    }

    /** One of the prefixes that are ignored here, or overruled by a later one. */
    private int idlePrefix(RawInsn i) {
        return switch (v.below(4)) {
            case 0 -> i.opsize ? 0x66 : 0;
            case 1 -> i.rep != 0 && !i.vex() ? 0xF2 + v.below(2) : 0;
            // a REX that another prefix follows
            case 2 -> !compat && !i.vex() && (i.segment != 0 || i.opsize || i.rep != 0 || i.rex != 0) ? 0x40 + v.below(16) : 0;
            default -> i.segment != 0 ? 0 : compat ? 0x3E : new int[] {0x26, 0x2E, 0x36, 0x3E}[v.below(4)];
        };
    }

    /** Undefined opcodes of which vendors fetch more or less before they say so: XOP, UD1, UD0, jumps with VEX. */
    private static boolean fetchedInPart(RawInsn i) {
        return i.map == RawInsn.ONE && i.opcode == 0x8F || i.map == RawInsn.TWO && (i.opcode == 0xB9 || i.opcode == 0xFF)
                || i.map == RawInsn.VEX_0F && ((i.opcode & 0xF0) == 0x80 || i.opcode == 0x0F || (i.opcode & 0xFE) == 0x78);
    }

    /** Code that ends with its page, or is cut by it: the fetch of the next byte faults. */
    private Generated atPageEnd(RawInsn i, byte[] code) {
        code = java.util.Arrays.copyOf(code, i.vex() || v.oneIn(2) ? code.length : 1 + v.below(code.length));
        s.rip = Sandbox.CODE + Sandbox.CODE_SIZE - code.length;
        return new Generated(new CpuCase(code, compat, s, data), List.of(i), List.of());
    }

    private record Placed(RawInsn insn, byte[] bytes) {
    }

    /** Draws until the prefixes leave room: beyond 15 bytes vendors differ in which fault comes first. */
    private Placed fitting(Shape shape) {
        while (true) {
            start();
            RawInsn i = instruction(shape);
            avoidUndefinedResult(i);
            // AMD reads LOCK MOV CR0 as MOV CR8
            boolean control = i.map == RawInsn.TWO && (i.opcode & 0xFC) == 0x20;
            i.lock = !control && v.oneIn(i.memory() ? 10 : 40);
            i.idle = v.oneIn(12) ? idlePrefix(i) : 0;
            byte[] bytes = i.encode(s.rip);
            if (bytes.length <= LONGEST) {
                return new Placed(i, bytes);
            }
        }
    }

    /** Up to {@code n} instructions, each drawn from {@code shapes}, as far as they fit the window. */
    Generated sequence(List<Shape> shapes, int n) {
        start();
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        List<RawInsn> insns = new ArrayList<>();
        List<Integer> cuts = new ArrayList<>();
        for (int k = 0; k < n && code.size() < 180; k++) {
            RawInsn i = instruction(shapes.get(v.below(shapes.size())));
            if (!strict && Undefined.result(i, -1)) {
                continue;
            }
            boolean define = !strict && Undefined.flags(i, -1) != 0;
            int length = i.encode(0).length;
            if (length > LONGEST) {
                continue;
            }
            length += define ? 4 : 0;
            if (v.oneIn(6)) {
                code.write(0x70 + v.below(16));
                code.write(length);
            }
            code.writeBytes(i.encode(s.rip + code.size()));
            if (define) {
                code.writeBytes(compare());
            }
            insns.add(i);
            cuts.add(code.size());
        }
        if (v.oneIn(4)) {
            code.writeBytes(repeat(code.size()));
            cuts.add(code.size());
        }
        return new Generated(new CpuCase(code.toByteArray(), compat, s, data), insns, cuts);
    }

    /** Makes a loop of what is there so far: {@code sub byte [counter], 1; jnz start}. A byte bounds it, whatever is stored there. */
    private byte[] repeat(int bytes) {
        int counter = Sandbox.DATA_SIZE - 8;
        data[counter] = (byte) (2 + v.below(6));
        byte[] b = compat ? new byte[13] : new byte[14];
        int at = 0;
        b[at++] = (byte) 0x80;
        b[at++] = (byte) (compat ? 0x2D : 0x2C);
        if (!compat) {
            b[at++] = 0x25;
        }
        Values.put(b, at, Sandbox.DATA + counter, 4);
        b[at + 4] = 1;
        b[at + 5] = 0x0F;
        b[at + 6] = (byte) 0x85;
        Values.put(b, at + 7, -(bytes + b.length), 4);
        return b;
    }

    /** {@code cmp r, imm8}, four bytes, defines all status flags. */
    private byte[] compare() {
        int r = v.below(8);
        return new byte[] {(byte) (compat ? 0x3E : 0x48 | v.below(2)), (byte) 0x83, (byte) (0xF8 | r), (byte) v.below(256)};
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] r = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, r, a.length, b.length);
        return r;
    }

    private void start() {
        s = new CpuState();
        data = new byte[Sandbox.DATA_SIZE];
        operands = new Operands(v, s);
        v.fill(data, 0, data.length);
        CaseInputs.registers(s, v);
        s.rip = Sandbox.CODE + 0x100 * v.below(15);
        s.gpr[RSP] = v.oneIn(16) ? operands.target() : Sandbox.DATA + 0xF00 + 8 * v.below(64);
    }

    private RawInsn instruction(Shape shape) {
        RawInsn i = new RawInsn();
        i.compat = compat;
        i.map = shape.map();
        i.opcode = shape.opcode();
        i.rep = shape.rep();
        if (i.vex()) {
            i.vexOpsize = shape.opsize();
            i.vvvv = v.below(compat ? 8 : 16);
            boolean rorx = i.map == RawInsn.VEX_3A && i.opcode == 0xF0, general = i.map == RawInsn.VEX_38 && i.opcode >= 0xF0 || rorx;
            i.vexL = wideAnnounced(i) && v.oneIn(general ? 16 : 2) ? 1 : 0;
            i.vvvv = general && !rorx || v.oneIn(2) ? i.vvvv : 0;
            i.vexShort = v.oneIn(2);
            // a legacy prefix in front of VEX
            i.opsize = v.oneIn(100);
        } else {
            i.opsize = shape.opsize();
        }
        i.rex = shape.rexW() ? 0x48 : 0;
        i.modrm = shape.reg() != -1;
        if (i.modrm) {
            i.reg = shape.reg() == Shape.ANY ? v.below(8) : shape.reg();
            if (shape.memory() && i.gather() && !v.oneIn(10)) {
                operands.gather(i, operands.target());
            } else if (shape.memory()) {
                operands.memory(i, operands.target());
            } else {
                operands.registers(i);
            }
            avoidPinned(i);
        } else if (!compat && v.oneIn(4)) {
            i.rex |= 0x40 | v.below(2);
        }
        implicit(i);
        i.immBytes = Encoding.immediate(i);
        i.imm = immediate(i);
        return i;
    }

    /** The host may have VAES and VPCLMULQDQ, whose 256-bit forms the machine does not. */
    private static boolean wideAnnounced(RawInsn i) {
        return !(i.map == RawInsn.VEX_38 && i.opcode >= 0xDC && i.opcode <= 0xDF || i.map == RawInsn.VEX_3A && i.opcode == 0x44);
    }

    /** Later instructions need the addresses in pinned registers: prefer others as destinations. */
    private void avoidPinned(RawInsn i) {
        if (!compat && i.mod == 3 && operands.pinned(i.rmFull())) {
            i.rex = (i.rex | 0x40) ^ 1;
        }
        if (!compat && operands.pinned(i.regFull()) && i.mod != 3) {
            i.rex = (i.rex | 0x40) ^ 4;
        }
    }

    /** Operands that the opcode implies: string pointers and counts, XLAT, frames. */
    private void implicit(RawInsn i) {
        if (i.map == RawInsn.ONE && (i.opcode & 0xFC) == 0xA4 || i.map == RawInsn.ONE && i.opcode >= 0xAA && i.opcode <= 0xAF) {
            pointer(RSI);
            pointer(RDI);
            if (!operands.pinned(RCX)) {
                s.gpr[RCX] = v.below(v.oneIn(4) ? 200 : 6);
            }
            i.addr32 = !compat && v.oneIn(10);
            i.segment = !compat && v.oneIn(10) ? 0x64 + v.below(2) : 0;
        } else if (i.map == RawInsn.ONE && i.opcode == 0xD7) {
            pointer(RBX);
            i.addr32 = !compat && v.oneIn(10);
        } else if (i.map == RawInsn.ONE && i.opcode >= 0xE0 && i.opcode <= 0xE3) {
            // the count is CX, ECX or RCX
            i.addr32 = v.oneIn(3);
        } else if ((i.map == RawInsn.TWO || i.map == RawInsn.VEX_0F) && i.opcode == 0xF7) {
            pointer(RDI);
        } else if (i.map == RawInsn.ONE && (i.opcode == 0xC8 || i.opcode == 0xC9) && !v.oneIn(8)) {
            s.gpr[RBP] = Sandbox.DATA + 0xE00 + 8 * v.below(128);
        }
    }

    private void pointer(int register) {
        if (!operands.pinned(register) && !v.oneIn(16)) {
            s.gpr[register] = operands.target();
        }
    }

    private long immediate(RawInsn i) {
        if (i.map == RawInsn.ONE && i.opcode >= 0xA0 && i.opcode <= 0xA3) {
            return i.address = operands.target();
        }
        if (ControlFlow.isRelative(i)) {
            return MARKER.length;
        }
        if (i.map == RawInsn.ONE && i.opcode == 0xC8) {
            return v.below(128) | (v.oneIn(2) ? 0L : v.below(256)) << 16;
        }
        if (i.immBytes == 1) {
            return v.oneIn(2) ? v.below(70) : v.integer();
        }
        return v.integer();
    }

    private void avoidUndefinedResult(RawInsn i) {
        if (!strict && Undefined.result(i, (int) s.gpr[RCX] & 0xFF)) {
            i.imm &= 0x0F;
            s.gpr[RCX] &= ~0x10L;
        }
    }
}
