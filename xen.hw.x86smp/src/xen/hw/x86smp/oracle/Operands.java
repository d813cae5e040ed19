package xen.hw.x86smp.oracle;

/**
 * Draws the operands of one instruction and arranges registers so that its memory operand is
 * where it should be. Part of {@link CaseGenerator}, which owns the state that is filled.
 */
final class Operands {
    private final Values v;
    private final CpuState s;
    /** Registers that hold an address some instruction of the case needs. */
    private int pinned;

    Operands(Values v, CpuState s) {
        this.v = v;
        this.s = s;
        pinned = 1 << CpuState.RSP;
    }

    /** Keeps a register's value: an implicit operand. */
    void pin(int reg) {
        pinned |= 1 << reg;
    }

    boolean pinned(int reg) {
        return (pinned >> reg & 1) != 0;
    }

    /** An address for a memory operand: mostly good, mostly aligned. */
    long target() {
        return switch (v.below(32)) {
            case 0, 1, 2, 3 -> Sandbox.DATA + 0x100 + v.below(0x1E00);
            case 4, 5 -> Sandbox.DATA + 0x1000 - 1 - v.below(32);
            case 6 -> Sandbox.READ_ONLY + v.below(0x1000);
            case 7 -> Sandbox.DATA + Sandbox.DATA_SIZE - v.below(80);
            case 8 -> v.oneIn(2) ? Sandbox.DATA - v.below(64) : Sandbox.CODE + v.below(0x1000);
            default -> Sandbox.DATA + 0x200 + 16 * v.below(0x1C0);
        };
    }

    /** Registers of a form without memory. */
    void registers(RawInsn i) {
        i.mod = 3;
        i.rm = v.below(8);
        if (!i.compat) {
            i.rex |= v.oneIn(2) ? 0 : randomRex();
        }
    }

    private int randomRex() {
        return 0x40 | v.below(8);
    }

    /** A random addressing form that reaches {@code target}. */
    void memory(RawInsn i, long target) {
        if (i.map == RawInsn.MAP_38 && i.opcode >= 0xC8 && i.opcode <= 0xCD || i.map == RawInsn.MAP_3A && i.opcode == 0xCC) {
            // SHA operands out of line: #GP on Intel, not on AMD
            target &= -16;
        }
        i.address = target;
        long want = target - segment(i);
        if (!i.compat) {
            i.addr32 = v.oneIn(12);
            i.rex |= v.oneIn(2) ? 0 : 0x40 | v.below(2) << 2;
        }
        i.mod = 0;
        if (i.compat && v.oneIn(16)) {
            sixteen(i);
            return;
        }
        switch (v.below(10)) {
            case 0 -> {
                i.rm = 5;
                i.dispBytes = 4;
                i.disp = (int) want;
                i.ripRelative = !i.compat;
            }
            case 1 -> {
                sib(i, 5, 4, v.below(4));
                i.dispBytes = 4;
                i.disp = (int) want;
            }
            default -> based(i, want);
        }
    }

    /** Base, index vector of small numbers, scale. */
    void gather(RawInsn i, long target) {
        int registers = i.compat ? 8 : 16, base = v.below(registers), index = v.below(registers);
        i.mod = 2;
        i.dispBytes = 4;
        i.disp = v.below(0x1000);
        sib(i, base, index, v.below(4));
        boolean quad = (i.opcode & 1) != 0;
        for (int half : new int[] {CpuState.XMM0, CpuState.YMM_HIGH0}) {
            for (int k = 0; k < 16; k += quad ? 8 : 4) {
                int x = v.oneIn(40) ? v.below(0x2000) : v.below(0x40) - 0x20;
                s.put32(half + 16 * index + k, x);
                if (quad) {
                    s.put32(half + 16 * index + k + 4, x >> 31);
                }
            }
        }
        if (!pinned(base)) {
            s.gpr[base] = target - i.disp;
            pin(base);
        }
    }

    /** Picks a segment prefix sometimes; returns the base it adds. */
    private long segment(RawInsn i) {
        if (!v.oneIn(10)) {
            return 0;
        }
        if (i.compat) {
            // all flat
            i.segment = new int[] {0x26, 0x36, 0x3E}[v.below(3)];
            return 0;
        }
        i.segment = new int[] {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x64, 0x65}[v.below(8)];
        return i.segment == 0x64 ? Sandbox.FS_BASE : i.segment == 0x65 ? Sandbox.GS_BASE : 0;
    }

    /** 16-bit addressing reaches nothing that is mapped; LEA and CR2 show the sum. */
    private void sixteen(RawInsn i) {
        i.addr32 = true;
        i.mod = v.below(3);
        i.rm = v.below(8);
        i.dispBytes = i.mod == 0 ? i.rm == 6 ? 2 : 0 : i.mod;
        i.disp = v.below(0x1_0000);
    }

    private void based(RawInsn i, long want) {
        int registers = i.compat ? 8 : 16;
        int base = v.below(registers);
        int index = v.oneIn(2) ? v.below(registers) : 4;
        if (index == base) {
            index = 4;
        }
        int scale = v.below(4);
        long offset = 0;
        if (index != 4) {
            if (!pinned(index)) {
                s.gpr[index] = v.below(0x400) - 0x200;
                pin(index);
            }
            offset = s.gpr[index] << scale;
        }
        int disp = switch (v.below(3)) {
            case 0 -> 0;
            case 1 -> v.below(256) - 128;
            default -> v.below(0x1000_0000) - 0x800_0000;
        };
        if (pinned(base)) {
            disp = (int) (want - offset - s.gpr[base]);
        } else {
            s.gpr[base] = want - offset - disp;
            pin(base);
            if (i.addr32) {
                s.gpr[base] ^= v.integer() << 32;
            } else if (!i.compat && i.segment < 0x64 && v.oneIn(50)) {
                // not canonical: #GP, or #SS through a stack register; canonical in the kernel's half: #PF
                s.gpr[base] ^= v.oneIn(2) ? 1L << 62 : 0xFFFF_8000L << 32;
            }
        }
        i.disp = disp;
        boolean small = disp == (byte) disp;
        i.mod = disp == 0 && (base & 7) != 5 ? 0 : small && !v.oneIn(8) ? 1 : 2;
        i.dispBytes = i.mod == 0 ? 0 : i.mod == 1 ? 1 : 4;
        if (index == 4 && (base & 7) != 4 && !v.oneIn(8)) {
            i.rm = base & 7;
            high(i, base, 1);
        } else {
            sib(i, base, index, scale);
        }
    }

    private static void sib(RawInsn i, int base, int index, int scale) {
        i.rm = 4;
        i.sib = true;
        i.base = base & 7;
        i.index = index & 7;
        i.scale = scale;
        high(i, base, 1);
        high(i, index, 2);
    }

    private static void high(RawInsn i, int register, int bit) {
        i.rex = i.rex & ~bit;
        if (register >= 8) {
            i.rex |= 0x40 | bit;
        }
    }
}
