package xen.hw.x86smp.oracle;

import static xen.hw.x86smp.oracle.CpuState.RSP;

/** Random input state, and the patches some instructions need to have something meaningful to read. */
final class CaseInputs {
    private CaseInputs() {
    }

    static void registers(CpuState s, Values v) {
        for (int r = 0; r < 16; r++) {
            s.gpr[r] = v.oneIn(3) ? Sandbox.DATA + 0x200 + 8 * v.below(0x380) : v.integer();
        }
        s.rflags = CpuState.IF | 2 | v.below(0x1000) & CpuState.STATUS
                | (v.oneIn(4) ? CpuState.DF : 0) | (v.oneIn(8) ? CpuState.ID : 0);
        v.fill(s.fx, CpuState.XMM0, 256);
        if (HostCpu.AVX && !v.oneIn(4)) {
            v.fill(s.fx, CpuState.YMM_HIGH0, 256);
        }
        x87(s, v);
        int mask = v.oneIn(12) ? v.below(64) << 7 : 0x1F80;
        s.put32(CpuState.MXCSR, mask | (v.oneIn(2) ? 0 : v.below(4) << 13) | (v.oneIn(6) ? 0x8000 : 0)
                | (v.oneIn(6) ? 0x40 : 0) | (v.oneIn(2) ? v.below(64) : 0));
    }

    private static void x87(CpuState s, Values v) {
        int masked = v.oneIn(12) ? v.below(64) : 0x3F;
        s.put16(CpuState.FCW, 0x40 | masked | (v.oneIn(2) ? 0x300 : v.below(16) << 8));
        int flags = v.oneIn(2) ? v.below(64) & masked | (v.oneIn(4) ? 0x40 : 0) : 0;
        s.put16(CpuState.FSW, v.below(8) << 11 | v.below(8) << 8 | v.below(2) << 14 | flags);
        int tags = v.below(10);
        s.fx[CpuState.FTW] = (byte) (tags < 7 ? 0xFF : tags == 7 ? 0 : v.below(256));
        for (int i = 0; i < 8; i++) {
            v.extended(s.fx, CpuState.ST0 + 16 * i);
        }
    }

    /**
     * Puts branch targets, flags images and FPU images where the instruction will read them.
     *
     * @param end address behind the case's code
     */
    static void arrange(RawInsn i, long end, CpuState s, byte[] data, Values v) {
        boolean repeated = i.map == RawInsn.ONE && i.rep != 0 && i.opcode >= 0xA4 && i.opcode <= 0xAF;
        if (!repeated && v.oneIn(100)) {
            // single step; the model takes the trap behind a whole repeated instruction, silicon behind each round
            s.rflags |= CpuState.TF;
        }
        if (ControlFlow.isReturn(i)) {
            poke(data, s.gpr[RSP], end, 8);
        } else if (ControlFlow.isIndirect(i)) {
            if (i.memory()) {
                poke(data, i.address, end, 8);
            } else {
                s.gpr[i.rmFull()] = end;
            }
        } else if (i.map == RawInsn.ONE && i.opcode == 0x9D) {
            // neither TF (single step), nor NT, nor AC: the rest is free
            poke(data, s.gpr[RSP], v.below(1 << 22) & ~0x4_4100L, 8);
        } else if ((i.map == RawInsn.TWO || i.map == RawInsn.VEX_0F) && i.opcode == 0xAE && i.memory()) {
            if (i.reg == 1) {
                CpuState image = new CpuState();
                registers(image, v);
                for (int k = 0; k < CpuState.FXSAVE; k++) {
                    poke(data, i.address + k, image.fx[k], 1);
                }
            } else if (i.reg == 2) {
                poke(data, i.address, v.oneIn(8) ? v.below(1 << 20) & ~0x2_0000 : v.below(1 << 16), 4);
            }
        }
    }

    private static void poke(byte[] data, long address, long value, int bytes) {
        int at = (int) (address - Sandbox.DATA);
        if (address >= Sandbox.DATA && at + bytes <= data.length) {
            Values.put(data, at, value, bytes);
        }
    }
}
