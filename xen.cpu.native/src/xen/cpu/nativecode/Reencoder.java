package xen.cpu.nativecode;

import static xen.cpu.nativecode.Assembler.*;

import xen.hw.x86smp.decode.Insn;
import xen.hw.x86smp.decode.Opcode;
import xen.hw.x86smp.decode.Row;
import xen.hw.x86smp.mmu.Tlb;

/**
 * Emits one plain guest instruction with its own opcode bytes and other registers: memory becomes [R10], a guest register that lives in a
 * slot is brought to a scratch register and written back.
 */
final class Reencoder {
    private final BlockEmitter e;
    private final MemoryAccess memory;
    private final Assembler a;
    /** Encoding being put together: ModRM.reg, ModRM.rm (register), VEX.vvvv, opcode's register, the immediate's; -1 = none. */
    private int reg, rm, vvvv, plus, is4;
    private final int[] writeBackRegister = new int[3], writeBackGuest = new int[3];
    private int writeBacks;
    private int scratchUsed;

    Reencoder(BlockEmitter emitter, MemoryAccess memory) {
        e = emitter;
        this.memory = memory;
        a = emitter.a;
    }

    void emit(Insn i, int k, int nextOff) {
        if (i.op == Opcode.LEA) {
            lea(i, nextOff);
            return;
        }
        if (i.mem >= 0) {
            memory.address(i, nextOff);
            memory.segment(i);
            memory.check(i.memSize, i.mem == 0 && Coverage.writesFirst(i) || i.op == Opcode.XCHG || i.op == Opcode.XADD ? Tlb.WRITE : Tlb.READ, k);
            if (Coverage.needsAlignment(i)) {
                memory.checkAlignment(i.memSize - 1, k);
            }
        }
        // flags first: bringing them uses R10, so with memory in R10 the address is kept in R11's place
        if (i.mem >= 0 && e.needsFlags()) {
            a.mov(R9, R10);
            e.bringFlags();
            a.mov(R10, R9);
        } else {
            e.bringFlags();
        }
        operands(i);
        if (i.vex) {
            vex(i);
        } else {
            legacy(i);
        }
        for (int w = 0; w < writeBacks; w++) {
            a.store(RSP, Frame.slot(writeBackGuest[w]), writeBackRegister[w]);
        }
    }

    private void operands(Insn i) {
        reg = i.row.digit >= 0 ? i.row.digit : 0;
        rm = vvvv = plus = is4 = -1;
        writeBacks = scratchUsed = 0;
        for (int o = 0; o < i.operands; o++) {
            int kind = i.kind(o);
            String operand = i.row.operand(o);
            int host;
            if (kind == Insn.GPR) {
                if (implicit(operand)) {
                    continue;
                }
                host = gpr(i.reg(o), o == 0 && Coverage.writesFirst(i) || o == 1 && Coverage.writesSecond(i));
            } else if (kind == Insn.GPR_HIGH) {
                host = i.reg(o) + 4;
            } else if (kind == Insn.XMM) {
                host = i.reg(o);
            } else {
                continue;
            }
            switch (operand.charAt(0)) {
                case 'E', 'M', 'R', 'W', 'U', 'H' -> rm = host;
                case 'G', 'V' -> reg = host;
                case 'Z' -> plus = host;
                case 'B', 'F' -> vvvv = host;
                case 'L' -> is4 = host;
                default -> { }
            }
        }
    }

    /** Operands that the opcode implies: AL, rAX, CL, DX... all of them are registers that keep their host number. */
    private static boolean implicit(String operand) { return "EMRWUHGVZB".indexOf(operand.charAt(0)) < 0 || operand.equals("BX"); }

    private int gpr(int g, boolean written) {
        int h = Frame.host(g);
        if (h >= 0) {
            return h;
        }
        for (int w = 0; w < writeBacks; w++) {
            if (writeBackGuest[w] == g) {
                return writeBackRegister[w];
            }
        }
        int s = switch (scratchUsed++) { case 0 -> R11; case 1 -> R9; default -> R10; };
        a.load(s, RSP, Frame.slot(g));
        if (written) {
            writeBackGuest[writeBacks] = g;
            writeBackRegister[writeBacks++] = s;
        }
        return s;
    }

    private void legacy(Insn i) {
        Row r = i.row;
        if (i.lock) {
            a.b(0xf0);
        }
        if (i.p66) {
            a.b(0x66);
        }
        if (r.prefix == 0xf2 || r.prefix == 0xf3) {
            a.b(r.prefix);
        }
        int low = plus >= 0 ? plus : i.mem >= 0 ? R10 : Math.max(rm, 0);
        boolean high = i.k0 == Insn.GPR_HIGH || i.operands > 1 && i.k1 == Insn.GPR_HIGH;
        int rex = (i.rexW ? 8 : 0) | (r.digit < 0 ? reg >> 3 & 1 : 0) << 2 | low >> 3 & 1;
        if (rex != 0 || !high && byteRegister(i)) {
            a.b(0x40 | rex);
        }
        opcodeMap(r.map);
        if (plus >= 0) {
            a.b(i.opcode & 0xf8 | plus & 7);
        } else {
            a.b(i.opcode);
            if (r.modrm) {
                modrm(i);
            }
        }
        immediate(i);
    }

    private static boolean byteRegister(Insn i) {
        for (int o = 0; o < i.operands; o++) {
            if (i.kind(o) == Insn.GPR && i.size(o) == 1) {
                return true;
            }
        }
        return false;
    }

    private void opcodeMap(int map) {
        if (map != Row.ONE_BYTE) {
            a.b(0x0f);
        }
        if (map == Row.MAP_0F38) {
            a.b(0x38);
        } else if (map == Row.MAP_0F3A) {
            a.b(0x3a);
        }
    }

    private void modrm(Insn i) {
        if (i.mem >= 0) {
            a.memory(reg, R10, -1, 0, 0);
        } else {
            a.b(0xc0 | (reg & 7) << 3 | Math.max(rm, 0) & 7);
        }
    }

    private void vex(Insn i) {
        int low = i.mem >= 0 ? R10 : Math.max(rm, 0);
        int pp = switch (i.row.prefix) { case 0x66 -> 1; case 0xf3 -> 2; case 0xf2 -> 3; default -> 0; };
        a.b(0xc4);
        a.b((i.row.digit < 0 && reg >= 8 ? 0 : 0x80) | 0x40 | (low >= 8 ? 0 : 0x20) | i.row.map);
        a.b((i.rexW ? 0x80 : 0) | (~Math.max(vvvv, 0) & 15) << 3 | i.vexL << 2 | pp);
        a.b(i.opcode);
        if (i.row.modrm) {
            modrm(i);
        }
        immediate(i);
        if (is4 >= 0) {
            a.b(is4 << 4);
        }
    }

    private void immediate(Insn i) {
        for (int o = 0; o < i.operands; o++) {
            String operand = i.row.operand(o);
            if (i.kind(o) != Insn.IMM || operand.charAt(0) != 'I') {
                continue;
            }
            switch (operand.substring(1)) {
                case "b", "s" -> a.b((int) i.imm);
                case "w" -> word((int) i.imm);
                case "z" -> {
                    if (i.osz == 2) {
                        word((int) i.imm);
                    } else {
                        a.d((int) i.imm);
                    }
                }
                default -> {
                    if (i.osz == 8) {
                        a.q(i.imm);
                    } else if (i.osz == 4) {
                        a.d((int) i.imm);
                    } else {
                        word((int) i.imm);
                    }
                }
            }
        }
    }

    private void word(int v) {
        a.b(v);
        a.b(v >> 8);
    }

    /** LEA keeps flags and never touches memory. */
    private void lea(Insn i, int nextOff) {
        memory.address(i, nextOff);
        int h = Frame.host(i.r0);
        if (i.osz == 8) {
            if (h >= 0) {
                a.mov(h, R10);
            } else {
                a.store(RSP, Frame.slot(i.r0), R10);
            }
        } else if (i.osz == 4) {
            a.mov32(R10, R10);
            if (h >= 0) {
                a.mov(h, R10);
            } else {
                a.store(RSP, Frame.slot(i.r0), R10);
            }
        } else {
            int t = h >= 0 ? h : R11;
            if (h < 0) {
                a.load(R11, RSP, Frame.slot(i.r0));
            }
            a.b(0x66);
            a.rr(false, 0x8b, t, R10);
            if (h < 0) {
                a.store(RSP, Frame.slot(i.r0), R11);
            }
        }
    }
}
